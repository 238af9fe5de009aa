// Package chance draws random numbers that are a pure function of what they are for: a seed, a name and a counter. Whoever
// asks for the same thing draws the same luck, in whatever order and on however many cores, so that what is compared before
// and after a change shares it. It is not for secrets.
package chance

import (
	"hash/fnv"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/mathext"
)

// Stream is a sequence of random numbers.
type Stream struct{ key, n uint64 }

// New returns the stream of a seed, a name and a number, such as a scenario and a year.
func New(seed uint64, name string, number uint64) Stream { return NewColumn(seed, name).In(number) }

// Column is the key of one thing that is drawn for many numbers, such as years.
type Column uint64

// NewColumn returns the column of a seed and a name.
func NewColumn(seed uint64, name string) Column { return Column(mix64(seed ^ nameKey(name))) }

// In returns the stream of a number.
func (c Column) In(number uint64) Stream { return Stream{key: mix64(uint64(c) + number)} }

// nameKey is the FNV-1a hash of a name.
func nameKey(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// mix64 is a bijection of 64 bits in which every bit of the argument moves every bit of the result.
//
// Source: the finalizer of SplitMix64; Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014.
func mix64(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (s *Stream) next() uint64 {
	s.n++
	return mix64(s.key + s.n*0x9e3779b97f4a7c15)
}

// Uniform draws from (0, 1), neither end included.
func (s *Stream) Uniform() float64 { return unit(s.next()) }

func unit(x uint64) float64 { return (float64(x>>11) + 0.5) / (1 << 53) }

// Below draws from 0 … n−1.
func (s *Stream) Below(n int) int {
	hi, _ := bits.Mul64(s.next(), uint64(n))
	return int(hi)
}

// Normal draws from the standard normal distribution, by inversion.
func (s *Stream) Normal() float64 { return mathext.NormalQuantile(s.Uniform()) }

// Poisson draws a count with this mean: by inversion, in parts of at most 30 so that e^(−mean) stays a number.
func (s *Stream) Poisson(mean float64) int {
	n := 0
	for ; mean > 30; mean -= 30 {
		n += s.smallPoisson(30)
	}
	return n + s.smallPoisson(mean)
}

func (s *Stream) smallPoisson(mean float64) int {
	u, p, n := s.Uniform(), math.Exp(-mean), 0
	for u > p && p > 0 {
		u -= p
		n++
		p *= mean / float64(n)
	}
	return n
}

// Gamma draws from the Gamma distribution of this shape and rate 1.
//
// Source: Marsaglia and Tsang, A simple method for generating gamma variables, 2000.
func (s *Stream) Gamma(shape float64) float64 {
	if shape < 1 {
		u := s.Uniform()
		return s.Gamma(shape+1) * math.Pow(u, 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.Normal()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		u := s.Uniform()
		if u < 1-0.0331*x*x*x*x || math.Log(u) < x*x/2+d*(1-v+math.Log(v)) {
			return d * v
		}
	}
}

// Stratified returns n draws from (0, 1), exactly one in each n-th of it, in random order: a column of a Latin
// hypercube. Source: McKay, Beckman and Conover, 1979.
func Stratified(seed uint64, name string, n int) []float64 {
	s := New(seed, name, 0)
	u := make([]float64, n)
	for i := range u {
		u[i] = (float64(i) + s.Uniform()) / float64(n)
	}
	for i := n - 1; i > 0; i-- {
		j := s.Below(i + 1)
		u[i], u[j] = u[j], u[i]
	}
	return u
}

// Normals is Stratified for the standard normal distribution.
func Normals(seed uint64, name string, n int) []float64 {
	u := Stratified(seed, name, n)
	for i, p := range u {
		u[i] = mathext.NormalQuantile(p)
	}
	return u
}
