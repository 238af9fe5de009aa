package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestReviewByKeyboard revises 60 items and more of the work-plan in an Executive Session, by keyboard and in less than 10
// minutes: two of three get another priority and progress, which changes their order, and every third stays as it is.
func TestReviewByKeyboard(t *testing.T) {
	d, err := start(filepath.Join(workspace, "review"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.stop() })
	chair := d.role(t, "co-chair")
	for i := range 45 { // beside those of the demonstration
		d.addItem(t, chair, fmt.Sprintf("Item %d to revise", i+1))
	}
	b := open(t, d, setting{language: "en"})
	b.signIn(chair)
	b.visit("/actions/review")
	b.fill("#title", "Walk of the work-plan")
	b.fill("#day", time.Now().UTC().Format("2006-01-02"))
	b.click("form[action='/actions/review/session'] button")
	b.visit(b.path() + "&scope=open&unseen=1")
	began, done := time.Now(), 0
	for b.has(".walk") {
		n := evaluate[int](b, "document.querySelectorAll('.walk [data-review]').length")
		if n == 0 {
			t.Fatal("the co-chair can't revise what is left")
		}
		b.walk(n, done)
		done += n
		if !b.has(".pager [rel=next]") {
			break
		}
		b.click(".pager [rel=next]")
	}
	took := time.Since(began)
	t.Logf("%d items in %.1f s", done, took.Seconds())
	if done < 60 || took > 10*time.Minute {
		t.Errorf("%d items in %s, want 60 in 10 minutes", done, took)
	}
	b.visit(b.path())
	b.lacks(".walk")
	b.wants(".empty")
}

// addItem puts an item on the group's work-plan as a program does.
func (d *demonstration) addItem(t *testing.T, r role, title string) {
	t.Helper()
	body := fmt.Sprintf(`{"title": %q, "audience": "group", "tlp": "TLP:GREEN"}`, title)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.access.Base+"/api/v1/actions", bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.Token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		t.Fatalf("add an item: %s", resp.Status)
	}
}

// walk goes through the n items of a page and waits until the server has what became of each.
func (b *tab) walk(n, done int) {
	b.t.Helper()
	b.key("j")
	for i := range n {
		if (done+i)%3 == 0 {
			b.key("n")
			continue
		}
		b.key("e")
		b.key("hl"[i%2 : i%2+1]) // high or low
		b.key(kb.Tab)
		b.key(fmt.Sprint(10 + i))
		b.key(kb.Enter)
	}
	for range 200 {
		if evaluate[int](b, "document.querySelectorAll('.walk > .seen').length") == n {
			return
		}
		b.must(chromedp.Do(b.ctx, chromedp.Sleep(50*time.Millisecond)))
	}
	b.t.Fatal("the server does not have all of the page")
}
