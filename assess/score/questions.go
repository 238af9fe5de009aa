package score

// Question is one of the warm-up: something countable with a public answer, of which few know more than the order.
type Question struct {
	Key     string  // of its text
	Truth   float64 // the answer
	Percent bool    // the answer is a percentage, 0..100
	Source  string  // where the answer stands, with its version
}

// Questions are those of the warm-up. Each was counted in the document named; a test counts again where the documents are
// at hand.
var Questions = []Question{
	{Key: "kev-entries", Truth: 1662, Source: "CISA KEV 2026.08.07"},
	{Key: "kev-ransomware", Truth: 338, Source: "CISA KEV 2026.08.07"},
	{Key: "kev-microsoft", Truth: 382, Source: "CISA KEV 2026.08.07"},
	{Key: "kev-2025", Truth: 245, Source: "CISA KEV 2026.08.07"},
	{Key: "kev-old", Truth: 156, Source: "CISA KEV 2026.08.07"},
	{Key: "epss-scored", Truth: 313089, Source: "FIRST EPSS v2025.03.14, 2026-01-30"},
	{Key: "epss-likely", Truth: 7.1, Percent: true, Source: "FIRST EPSS v2025.03.14, 2026-01-30"},
	{Key: "attack-groups", Truth: 172, Source: "MITRE ATT&CK Enterprise v18.1"},
	{Key: "attack-phishing", Truth: 55.8, Percent: true, Source: "MITRE ATT&CK Enterprise v18.1"},
	{Key: "controls", Truth: 1007, Source: "NIST SP 800-53 Rev. 5, OSCAL catalogue of 2021-06-08"},
}

// QuestionOf returns the question with this key.
func QuestionOf(key string) (Question, bool) {
	for _, q := range Questions {
		if q.Key == key {
			return q, true
		}
	}
	return Question{}, false
}
