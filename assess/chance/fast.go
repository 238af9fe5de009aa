package chance

import "math"

// Bits returns 64 random bits.
func (s *Stream) Bits() uint64 { return s.next() }

// The ziggurat of the standard normal distribution: 256 layers of one area, the lowest with the tail beyond its edge.
//
// Source: Marsaglia and Tsang, The ziggurat method for generating random variables, 2000; the edge and the area of 256
// layers are theirs.
const (
	layers     = 256
	zigguratR  = 3.6541528853610088
	zigguratV  = 0.00492867323399
	layerBits  = 8
	signedHalf = 1 << 51
)

var ziggurat = func() (z struct {
	x    [layers + 1]float64 // right edges, falling; x[layers] = 0
	y    [layers]float64     // density at x, without its constant
	fast [layers]uint64      // below it a number lies under the next edge
	wide [layers]float64     // from a 51-bit number to x
},
) {
	density := func(x float64) float64 { return math.Exp(-x * x / 2) }
	z.x[0] = zigguratV / density(zigguratR)
	z.x[1] = zigguratR
	for i := 2; i < layers; i++ {
		z.x[i] = math.Sqrt(-2 * math.Log(density(z.x[i-1])+zigguratV/z.x[i-1]))
	}
	for i := range z.fast {
		z.y[i] = density(z.x[i])
		z.fast[i] = uint64(z.x[i+1] / z.x[i] * signedHalf)
		z.wide[i] = z.x[i] / signedHalf
	}
	return z
}()

// Quick draws from the standard normal distribution by the ziggurat: some 3 ns, where Normal takes 20. A change of what
// is drawn before shifts what follows, so it is for whole simulations, not for what is compared draw by draw.
func (s *Stream) Quick() float64 {
	for {
		bits := s.next()
		layer := bits & (layers - 1)
		size := bits >> (layerBits + 5) // 51 bits
		x := float64(size) * ziggurat.wide[layer]
		if size < ziggurat.fast[layer] || s.slow(layer, &x) {
			if bits&(1<<layerBits) != 0 {
				return -x
			}
			return x
		}
	}
}

// slow decides what lies beyond the next layer's edge.
func (s *Stream) slow(layer uint64, x *float64) bool {
	if layer == 0 { // the tail: Marsaglia, 1964
		for {
			a, b := -math.Log(s.Uniform())/zigguratR, -math.Log(s.Uniform())
			if b+b >= a*a {
				*x = zigguratR + a
				return true
			}
		}
	}
	high, low := 1.0, ziggurat.y[layer]
	if int(layer)+1 < layers {
		high = ziggurat.y[layer+1]
	}
	return low+s.Uniform()*(high-low) < math.Exp(-*x**x/2)
}

// Count draws from the Poisson distribution at a cost that does not grow with its mean.
//
// Source: Hörmann, The transformed rejection method for generating Poisson random variables, 1993, algorithm PTRS.
func (s *Stream) Count(mean float64) int {
	if mean < 10 {
		return s.Poisson(mean)
	}
	root, log := math.Sqrt(mean), math.Log(mean)
	b := 0.931 + 2.53*root
	a := -0.059 + 0.02483*b
	scale := 1.1239 + 1.1328/(b-3.4)
	squeeze := 0.9277 - 3.6224/(b-2)
	for {
		u, v := s.Uniform()-0.5, s.Uniform()
		edge := 0.5 - math.Abs(u)
		k := math.Floor((2*a/edge+b)*u + mean + 0.43)
		switch {
		case edge >= 0.07 && v <= squeeze:
			return int(k)
		case k < 0, edge < 0.013 && v > edge:
			continue
		}
		factorial, _ := math.Lgamma(k + 1)
		if math.Log(v)+math.Log(scale)-math.Log(a/(edge*edge)+b) <= k*log-mean-factorial {
			return int(k)
		}
	}
}
