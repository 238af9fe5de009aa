package comity

import "testing"

func TestProcedurePlainText(t *testing.T) {
	for text, want := range map[string]string{
		"The group **adopts** it.":                      "The group adopts it.",
		"# Drums\n\n1. **Agrees** to `buy`;\n2. __No__": "Drums\n\n1. Agrees to buy;\n2. No",
		"#5 stays": "#5 stays",
		"  ":       "",
	} {
		if got := (Procedure{Text: text}).PlainText(); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
