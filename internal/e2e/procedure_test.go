package e2e

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestProcedure adopts by silence: the secretariat asks, an organisation says that it has no objection, the deadline
// passes, and the decision stands in the register.
func TestProcedure(t *testing.T) {
	d := shared(t)
	desk := open(t, d, setting{language: "en"})
	desk.signIn(d.role(t, "secretariat"))
	path := desk.opens("Share a drum")

	focal := open(t, d, setting{language: "en", noScript: true})
	focal.signIn(d.role(t, "focal-point"))
	focal.visit("/")
	focal.wants("#awaiting ~ ul a[href='" + path + "']")
	focal.visit(path)
	focal.must(chromedp.Do(focal.ctx, chromedp.Click(chromedp.CSS("input[value=no-objection]"))))
	focal.click("form[action$='/position'] button")
	focal.wants("[role=status]", "#voices ~ div .swatch.no-objection")
	focal.lacks("form[action$='/extend']")

	deadlinePasses(t, d, strings.TrimPrefix(path, "/procedures/"))
	desk.opens("Share a flute") // any change wakes the calendar
	for range 100 {
		desk.visit(path)
		if desk.has("#verdict") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	desk.wants("#verdict", "a[href^='/decisions/dec_']")
	desk.lacks("form[action$='/position']", "form[action$='/withdraw']")
	desk.accessible(t)
	desk.fits(t)
	desk.click("a[href^='/decisions/dec_']")
	desk.wants("a[href='" + path + "']")
}

// opens opens a no-objection procedure and returns where it is.
func (b *tab) opens(title string) string {
	b.t.Helper()
	b.visit("/procedures/new")
	b.fill("#title", title)
	b.fill("#text", "The group decides: "+title+".")
	b.click("form[action='/procedures/new'] button")
	b.wants("#asked")
	return evaluate[string](b, "location.pathname")
}

// deadlinePasses sets the deadline of a procedure back, as if it were over.
func deadlinePasses(t *testing.T, d *demonstration, procedure string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(d.dir, "comity.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ago := time.Now().UTC().Add(-time.Minute).Truncate(time.Second)
	const query = `UPDATE procedures SET deadline_at = $1, body = json_set(body, '$.deadline', $2) WHERE id = $3`
	if _, err := db.ExecContext(t.Context(), query, ago.Unix(), ago.Format(time.RFC3339), procedure); err != nil {
		t.Fatal(err)
	}
}
