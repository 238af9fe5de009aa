// Package assess turns what an organisation says of itself, and what is known of the threats to it, into how exposed it
// is over the next 12 months (365 days), with what each figure rests on.
//
// Everything here is a pure function of its arguments: no input or output, no clock, no chance but the seed that is
// handed in. The same inputs give the same bits. Read [Assess] first; it is the sections below, one after the other.
//
//	section of the exposure model        file
//	1 what goes in                       catalogue.go, validate.go, model.go
//	2 frequency                          frequency.go
//	2 intelligence modulates the rate    intelligence.go
//	2 vulnerabilities open a technique   vulnerability.go
//	3 susceptibility                     susceptibility.go
//	4 loss of one event                  loss.go, severity.go
//	5 annual loss, exactly               compound.go, transform.go
//	6 two kinds of uncertainty           uncertainty.go, chance
//	7 dependence between organisations   dependence.go, worlds.go
//	8 why, and what changed              waterfall.go, compare.go
//	  the whole                          assess.go, headline.go, figures.go, curve.go
//
// What is exact and what is not. Given susceptibility, modulators and severity, uncertain rates are integrated out in
// closed form, and the compound distribution is computed by FFT. The uncertainty in the rest is a Latin hypercube of
// outer draws. Two things are approximated, and said so where it is done: the bands of the loss exceedance curve use a
// coarser grid and fewer draws (curve.go), and a shift of the three areas' μ there moves their sum by one common factor
// (uncertainty.go).
//
// What the package does not do: it doesn't look for matches, doesn't store, and knows nothing of other organisations
// except through [Worlds].
package assess
