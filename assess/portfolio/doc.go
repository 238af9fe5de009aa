// Package portfolio is the exposure model as a calculator: one JSON document in, one result out, without a server, a
// catalogue or an organisation's profile. It is for those who want to check a figure, compare another tool, or use the
// model where Comity is not.
//
// [Parse] reads a document and names the place of every mistake; [Exact] computes its annual loss by Fourier transform and
// closed forms; [Simulate] plays years. The two agree within the simulation's error, and tests hold them to it. Both are
// pure functions of the document: the same one gives the same bits, on one core or many.
//
// What differs from the assessment of an organisation: susceptibility, modulators and severity are taken as stated; of
// what is uncertain only the rates are spread.
package portfolio
