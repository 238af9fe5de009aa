package api

import (
	"net/http"
	"strings"
	"testing"

	"comity"
	"comity/auth"
)

// TestContactsAreForMembers lists the directory as everybody: how to reach a member's desk is for members and for itself.
func TestContactsAreForMembers(t *testing.T) {
	w := newWorld(t)
	for _, as := range []who{stranger, focal, alternate, analyst, coChair, secretariat} {
		list := decode[Page[listedContact]](w.call(as, "GET", "/contacts", nil).want(http.StatusOK))
		if list.Total != 2 || list.Items[0].Phone == "" || list.Items[1].Phone == "" {
			t.Errorf("%s: got %+v", as, list)
		}
	}
	for _, as := range []who{observer, reader, auditor} {
		if got := w.call(as, "GET", "/contacts", nil).want(http.StatusOK); strings.Contains(got.body, "0100") || strings.Contains(got.body, "Desk") {
			t.Errorf("%s sees a desk: %s", as, got.body)
		}
	}
	w.clock = now.AddDate(1, 0, 0)
	w.call(focal, "POST", "/organizations/"+string(orgA.ID)+"/verification", map[string]any{"function": "operational"}).want(http.StatusNoContent)
	list := decode[Page[listedContact]](w.call(focal, "GET", "/contacts?overdue=true", nil).want(http.StatusOK))
	if list.Total != 1 || list.Items[0].Org != orgB.ID || !list.Items[0].Overdue {
		t.Errorf("overdue: got %+v", list)
	}
}

func TestContactProblems(t *testing.T) {
	w := newWorld(t)
	path := "/organizations/" + string(orgA.ID) + "/contacts/communications"
	bad := map[string]any{"revision": 0, "name": "Press", "phone": "=1+1", "key": "abc"}
	p := w.call(focal, "PUT", path, bad).want(http.StatusUnprocessableEntity).problem()
	if len(p.Errors) != 2 || p.Errors[0].Location != "body.phone" || p.Errors[1].Location != "body.key" {
		t.Errorf("problems: got %+v", p.Errors)
	}
	got := decode[comity.Contact](w.call(focal, "PUT", path, someContact(0)).want(http.StatusOK))
	if got.Revision != 1 || got.VerifiedBy == "" {
		t.Errorf("stored: got %+v", got)
	}
	w.call(focal, "PUT", path, someContact(0)).want(http.StatusConflict)
	w.call(focal, "PUT", "/organizations/"+string(orgB.ID)+"/contacts/communications", someContact(0)).want(http.StatusForbidden)
}

// TestTokensForReadingWriteNothing sends every route that writes with a token for reading only.
func TestTokensForReadingWriteNothing(t *testing.T) {
	w := newWorld(t)
	secret, err := w.auth.MakeToken(t.Context(), id(comity.MakePersonID, string(focal)), auth.TokenOptions{Name: "reads", ReadOnly: true})
	w.must(err)
	w.tokens["reads"] = secret
	for _, r := range matrix {
		url := r.url
		if url == "" {
			url = r.path
		}
		got := w.call("reads", r.method, url, r.body)
		if r.method != http.MethodGet && got.status != http.StatusForbidden {
			t.Errorf("%s %s: status %d, want 403", r.method, url, got.status)
		}
	}
	w.call("reads", "GET", "/profile", nil).want(http.StatusOK)
}

func TestTokensTellWhenTheyWereUsed(t *testing.T) {
	w := newWorld(t)
	list := decode[Page[comity.Token]](w.call(analyst, "GET", "/tokens", nil).want(http.StatusOK))
	if list.Total != 1 || !list.Items[0].Seen.Equal(now) || strings.Contains(w.call(analyst, "GET", "/tokens", nil).body, "cty_") {
		t.Errorf("own tokens: got %+v", list)
	}
	w.call(analyst, "DELETE", "/tokens/"+string(list.Items[0].ID), nil).want(http.StatusNoContent)
	w.call(analyst, "GET", "/me", nil).want(http.StatusUnauthorized)
}

func TestAuditByFilter(t *testing.T) {
	w := newWorld(t)
	w.call(focal, "POST", "/organizations/"+string(orgA.ID)+"/verification", map[string]any{}).want(http.StatusNoContent)
	for as, want := range map[who]int{focal: 1, stranger: 0, auditor: 1, secretariat: 1} {
		list := decode[Page[comity.AuditEntry]](w.call(as, "GET", "/audit?action=verify%20contacts", nil).want(http.StatusOK))
		if list.Total != want {
			t.Errorf("%s: %d entries, want %d", as, list.Total, want)
		}
	}
	w.call(focal, "GET", "/audit?from=yesterday", nil).want(http.StatusUnprocessableEntity)
	w.call(focal, "GET", "/audit?person=org_0000000000000000", nil).want(http.StatusUnprocessableEntity)
}
