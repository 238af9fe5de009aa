package web

import "comity/assess"

var testCatalogue = assess.DefaultCatalogue()
