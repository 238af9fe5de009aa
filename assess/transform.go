package assess

import (
	"slices"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Transform is a real Fourier transform of one length, for distributions on a grid. It is not safe for concurrent use.
type Transform struct {
	fft *fourier.FFT
	n   int
}

// NewTransform returns the transform for grids of n points, n even; powers of two are fast.
func NewTransform(n int) *Transform { return &Transform{fft: fourier.NewFFT(n), n: n} }

// Forward returns the n/2+1 coefficients of f, which may be shorter than n.
func (t *Transform) Forward(f []float64) []complex128 {
	if len(f) < t.n {
		f = append(slices.Clone(f), make([]float64, t.n-len(f))...)
	}
	return t.fft.Coefficients(nil, f)
}

// Back returns what has these coefficients.
func (t *Transform) Back(c []complex128) []float64 {
	p := t.fft.Sequence(nil, c)
	for i := range p {
		p[i] /= float64(t.n)
	}
	return p
}
