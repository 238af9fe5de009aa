package backup

// SealOf is the second part of the gzip file, for tests that make archives of their own.
var SealOf = sealOf
