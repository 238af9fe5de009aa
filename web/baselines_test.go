package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const controlsCSV = "group,group_title,id,label,parent,title,text\n" +
	"ac,Access,ac-1,AC-1,,Accounts,Keep a list of accounts.\n" +
	"ac,,ac-1.1,AC-1(1),ac-1,Automated accounts,Let a program keep the list.\n" +
	"bk,Backup,bk-1,BK-1,,Copies,Copy everything <b>daily</b>.\n"

const controlsNext = "group,group_title,id,label,parent,title,text\n" +
	"ac,Access,ac-1,AC-1,,Accounts,Keep a true list of accounts.\n" +
	"bk,Backup,bk-1,BK-1,,Copies,Copy everything <b>daily</b>.\n" +
	"bk,,bk-2,BK-2,,Trying them,Restore once a quarter.\n"

// importBaseline imports a file as the secretariat and returns where its page is.
func (d *desk) importBaseline(file, title string, force bool) string {
	d.t.Helper()
	if got := d.upload("desk", "/baselines/import", file, "title", title, "version", "1").want(http.StatusSeeOther).Location(); got != baselinePreview {
		d.t.Fatalf("the upload led to %q", got)
	}
	form := d.get("desk", baselinePreview).want(200).formValues("/baselines/import/save")
	if !force {
		form.Del("force")
	}
	return d.post("desk", "/baselines/import/save", form).want(http.StatusSeeOther).Location()
}

func TestBaselineComesInThroughItsPreview(t *testing.T) {
	d := newDesk(t)
	d.get("anna", "/baselines").want(200, "No baseline yet", "The secretariat and the co-chairs").without(`action="/baselines/import"`)
	d.get("desk", "/baselines").want(200, `action="/baselines/import"`)
	d.upload("desk", "/baselines/import", "").want(http.StatusUnprocessableEntity, "Choose a file")

	d.upload("desk", "/baselines/import", controlsCSV, "title", "Our own").want(http.StatusSeeOther)
	d.get("desk", "/baselines").want(200, "file.csv", baselinePreview)
	preview := d.get("desk", baselinePreview).want(200, "3 controls", "2 families", "Access", "a new baseline")
	if list, err := d.store.Baselines(t.Context(), deskSystem); err != nil || len(list) != 0 {
		t.Fatalf("something was saved: %v, %v", list, err)
	}
	path := d.post("desk", "/baselines/import/save", preview.formValues("/baselines/import/save")).want(http.StatusSeeOther).Location()
	d.get("desk", path).want(200, "Our own", "In force", "Access")
	d.get("anna", path).want(200, "Our own").without("/force")
	d.get("anna", path+"?revision=1&group=bk").want(200, "BK-1 Copies", "&lt;b&gt;daily&lt;/b&gt;").without("AC-1")
	d.get("anna", path+"/controls.csv").want(200, "ac-1.1,AC-1(1),ac-1,Automated accounts")
	d.get("anna", path+"/oscal.json").want(200, `"oscal-version": "1.1.3"`, `"title": "Automated accounts"`)
	if got := d.get("desk", baselinePreview); got.Status != http.StatusSeeOther {
		t.Errorf("the draft is still there: %d", got.Status)
	}
}

func TestBaselineRevisionShowsWhatDiffers(t *testing.T) {
	d := newDesk(t)
	path := d.importBaseline(controlsCSV, "Our own", true)
	d.upload("desk", "/baselines/import", controlsNext, "title", "Our own").want(http.StatusSeeOther)
	preview := d.get("desk", baselinePreview).want(200, "a revision of Our own (now at 1)", "<ins>true </ins>")
	preview.without("Trying them")
	d.get("desk", baselinePreview+"?of="+strings.TrimPrefix(path, "/baselines/")+"&show=added").want(200, "BK-2 Trying them", "Restore once a quarter.")
	d.get("desk", baselinePreview+"?of=").want(200, "Save the baseline").without("Save as a revision")

	stale := preview.formValues("/baselines/import/save")
	stale.Set("revision", "7")
	d.post("desk", "/baselines/import/save", stale).want(http.StatusConflict, "Somebody imported another revision")
	form := preview.formValues("/baselines/import/save")
	form.Del("force")
	d.post("desk", "/baselines/import/save", form).want(http.StatusSeeOther)
	d.get("desk", path).want(200, "In force", "at revision 1")
	d.get("anna", path+"/difference?before=1&after=2").want(200, "From revision 1 to 2", "<ins>true </ins>", "Removed")
	d.get("anna", path+"/difference?before=1&after=2&show=removed").want(200, "AC-1(1) Automated accounts")
	d.get("anna", path+"/difference?before=2&after=2").want(200, "Every control says the same")
	d.get("anna", path+"/difference?before=1&after=9").want(http.StatusNotFound)

	d.post("desk", path+"/force", url.Values{"revision": {"2"}}).want(http.StatusSeeOther)
	d.get("desk", path).want(200).without("at revision 1")
	d.post("desk", path+"/force", url.Values{"revision": {"0"}}).want(http.StatusSeeOther)
	d.get("anna", "/baselines").want(200, "Not in force")
	d.post("desk", path+"/force", url.Values{"revision": {"x"}}).want(http.StatusUnprocessableEntity)
}

func TestBaselineOfTheSameNameIsARevision(t *testing.T) {
	d := newDesk(t)
	d.importBaseline(controlsCSV, "Our own", true)
	d.upload("desk", "/baselines/import", controlsNext, "title", "Our own").want(http.StatusSeeOther)
	form := d.get("desk", baselinePreview+"?of=").want(200).formValues("/baselines/import/save")
	d.post("desk", "/baselines/import/save", form).want(http.StatusConflict, "There is a baseline of this name already")
	form.Set("title", "Another")
	d.post("desk", "/baselines/import/save", form).want(http.StatusSeeOther)
	d.get("desk", "/baselines").want(200, "Another", "Our own")
}

func TestBaselineProblemsAreAllShown(t *testing.T) {
	d := newDesk(t)
	d.upload("desk", "/baselines/import", "id,title\nx y,\nb,B\nb,B\n", "title", "T").want(http.StatusSeeOther)
	d.get("desk", baselinePreview).want(200, "3 problems", "line 2", "Must not be empty.", "Stands here twice: b, line 3.", "Mend the file").without("/baselines/import/save")
	d.post("desk", "/baselines/import/save", url.Values{"of": {""}, "revision": {"0"}, "title": {"T"}}).want(http.StatusUnprocessableEntity)
	d.post("desk", "/baselines/import/discard", nil).want(http.StatusSeeOther)
	d.post("desk", "/baselines/import/save", url.Values{"title": {"T"}}).want(http.StatusNotFound)
	d.upload("desk", "/baselines/import", `{"profile":{}}`).want(http.StatusSeeOther)
	d.get("desk", baselinePreview).want(200, "not resolved")
}

// TestBaselinesByRole asks every role for every page of the group's baselines.
func TestBaselinesByRole(t *testing.T) {
	d := newDesk(t)
	path := d.importBaseline(controlsCSV, "Our own", true)
	d.upload("chair", "/baselines/import", controlsNext).want(http.StatusSeeOther)
	d.upload("desk", "/baselines/import", controlsNext).want(http.StatusSeeOther)
	for _, who := range everybody {
		for page, may := range map[string][]string{
			"/baselines": {"anna", "alan", "chair", "bert", "watch", "desk"}, path: {"anna", "alan", "chair", "bert", "watch", "desk"},
			path + "/difference": {"anna", "alan", "chair", "bert", "watch", "desk"}, path + "/controls.csv": {"anna", "alan", "chair", "bert", "watch", "desk"},
			path + "/oscal.json": {"anna", "alan", "chair", "bert", "watch", "desk"},
			baselinePreview:      {"chair", "desk"},
		} {
			want := http.StatusForbidden
			for _, name := range may {
				if name == who {
					want = http.StatusOK
				}
			}
			if who == "" {
				want = http.StatusSeeOther
			}
			if got := d.get(who, page).Status; got != want {
				t.Errorf("%s as %q: %d, want %d", page, who, got, want)
			}
		}
		if who != "chair" && who != "desk" && who != "" {
			d.post(who, path+"/force", url.Values{"revision": {"0"}}).want(http.StatusForbidden)
			d.upload(who, "/baselines/import", controlsCSV).want(http.StatusForbidden)
		}
	}
	for _, wrong := range []string{"/baselines/bas_0000000000000000", "/baselines/org_0000000000000000", path + "?revision=9"} {
		d.get("anna", wrong).want(http.StatusNotFound)
	}
	d.inEveryLanguage("desk", "/baselines", path, path+"?revision=1&group=ac", path+"/difference?before=1&after=1", baselinePreview)
}

func TestTextDifference(t *testing.T) {
	for _, test := range []struct{ before, after, want string }{
		{"a b c", "a b c", "a b c"},
		{"a b c", "a x c", "a |-b |+x |c"},
		{"", "a", "+a"},
		{"a b", "", "-a b"},
		{"a a", "a", "-a |a"},
		{"one\ntwo", "one\nthree two", "one\n|+three |two"},
	} {
		var got []string
		for _, p := range textDifference(test.before, test.after) {
			got = append(got, map[string]string{"": "", "removed": "-", "added": "+"}[p.What]+p.Text)
		}
		if strings.Join(got, "|") != test.want {
			t.Errorf("%q to %q: got %q, want %q", test.before, test.after, strings.Join(got, "|"), test.want)
		}
	}
}
