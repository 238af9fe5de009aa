package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/assess"
	"comity/auth"
	"comity/pipeline"
	"comity/storage"
	"comity/storage/storagetest"
)

// desk is a group of two organisations on a real store, in which tests sit down as one person and use the pages.
type desk struct {
	t      *testing.T
	store  *storage.Store
	site   http.Handler
	intake *intakeStub
	now    time.Time

	a, b, parent comity.Organization
	people       map[string]comity.Person // by name
}

// deskSystem is how tests put things where no person may.
var deskSystem = comity.System("test")

func newDesk(t *testing.T) *desk {
	t.Helper()
	store := storagetest.Fresh(t)
	d := &desk{
		t: t, store: store, intake: &intakeStub{store: store},
		now: time.Date(2026, 8, 7, 12, 0, 0, 0, time.UTC), people: map[string]comity.Person{},
		a:      comity.Organization{ID: comity.MakeOrgID(comity.Entropy{1}), Acronym: "X-OCO", Name: "Ocean Observatory", Kind: comity.KindMember},
		b:      comity.Organization{ID: comity.MakeOrgID(comity.Entropy{2}), Acronym: "X-SSA", Name: "Seed & Soil Agency", Kind: comity.KindMember},
		parent: comity.Organization{ID: comity.MakeOrgID(comity.Entropy{3}), Acronym: "MDTN", Name: "Parent", Kind: comity.KindParent},
	}
	d.intake.Pipeline = pipeline.New(store, pipeline.Options{Catalogue: assess.DefaultCatalogue(), Now: func() time.Time { return d.now }, Entropy: rand.Reader})
	d.must(store.PutGroup(t.Context(), deskSystem, comity.Group{Acronym: "MISSIG", Name: "Group", ParentNetwork: "MDTN", Currency: "USD"}))
	for _, o := range []comity.Organization{d.a, d.b, d.parent} {
		d.must(store.PutOrganization(t.Context(), deskSystem, o))
	}
	d.must(d.intake.Refresh(t.Context()))
	d.person("anna", d.a, comity.RoleFocalPoint)
	d.person("alan", d.a, comity.RoleAnalyst)
	d.person("chair", d.a, comity.RoleCoChair)
	d.person("bert", d.b, comity.RoleFocalPoint)
	d.person("watch", d.b, comity.RoleObserver)
	d.person("desk", d.b, comity.RoleSecretariat)
	d.person("reader", d.parent, comity.RoleParentReader)
	var err error
	d.site, err = New(Options{Store: store, Pipeline: d.intake, Auth: headerAuth{Auth: d.auth(), people: d.people}, Now: func() time.Time { return d.now }})
	d.must(err)
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) person(name string, o comity.Organization, role comity.Role) {
	p := comity.Person{
		ID: comity.MakePersonID(comity.Entropy{byte(len(d.people) + 1)}), Org: o.ID, Name: role.String() + " of " + o.Acronym,
		Email: name + "@" + strings.ToLower(o.Acronym) + ".example", Roles: comity.RolesOf(role),
	}
	d.must(d.store.PutPerson(d.t.Context(), deskSystem, p))
	d.people[name] = p
}

// headerAuth takes the person that the test names in a header.
type headerAuth struct {
	Auth   // real, for the rest
	people map[string]comity.Person
}

// Confirmed reports that the password was asked for just now.
func (h headerAuth) Confirmed(context.Context, *http.Request) (bool, error) { return true, nil }

// auth is real sign-in over the desk's store and clock.
func (d *desk) auth() *auth.Auth {
	return auth.New(d.store, auth.Options{Now: func() time.Time { return d.now }, Entropy: rand.Reader})
}

const asHeader = "X-Test-Person"

func (h headerAuth) Viewer(_ context.Context, r *http.Request) (comity.Viewer, comity.Person, error) {
	p, ok := h.people[r.Header.Get(asHeader)]
	if !ok {
		return comity.Viewer{}, comity.Person{}, nil
	}
	return comity.ViewerOf(p), p, nil
}

// intakeStub is a pipeline that remembers what it was given to take in, and does the rest.
type intakeStub struct {
	*pipeline.Pipeline
	source    comity.SourceID
	document  string
	force     bool
	delta     comity.Delta
	err       error
	store     *storage.Store
	inferable int
	preview   comity.ReleasePreview
	published int
}

// Warnings is the real pipeline's.
func (s *intakeStub) Warnings(ctx context.Context, v comity.Viewer, values []comity.Observable) ([][]comity.Warning, error) {
	return pipeline.New(s.store, pipeline.Options{}).Warnings(ctx, v, values)
}

func (s *intakeStub) Audit([]comity.Release) int { return s.inferable }

func (s *intakeStub) Preview(context.Context, comity.Viewer) (comity.ReleasePreview, error) {
	return s.preview, nil
}

func (s *intakeStub) Publish(context.Context, comity.Viewer) (comity.Release, error) {
	s.published++
	return comity.Release{Number: 3}, s.err
}

func (s *intakeStub) TakeIn(ctx context.Context, _ comity.Viewer, src comity.SourceID, o pipeline.IntakeOptions, open pipeline.Opening) (comity.Run, error) {
	doc, err := open(ctx)
	if err != nil {
		return comity.Run{}, err
	}
	data, err := io.ReadAll(doc.Body)
	s.source, s.document, s.force = src, string(data), o.Force
	if err != nil {
		return comity.Run{}, err
	}
	return comity.Run{Delta: s.delta}, s.err
}

// answer is what a page answered.
type answer struct {
	t      *testing.T
	Status int
	Body   string
	Header http.Header
}

// Location is where a POST led.
func (a answer) Location() string { return a.Header.Get("Location") }

// want checks the status, and that the page has and has not these texts.
func (a answer) want(status int, has ...string) answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("status %d, want %d\n%s", a.Status, status, a.main())
	}
	for _, text := range has {
		if !strings.Contains(a.Body, text) && !strings.Contains(html.UnescapeString(a.Body), text) {
			a.t.Errorf("page lacks %q\n%s", text, a.main())
		}
	}
	return a
}

func (a answer) without(texts ...string) answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.Body, text) {
			a.t.Errorf("page has %q", text)
		}
	}
	return a
}

// main is what the page is about, shortened, for a message.
func (a answer) main() string {
	_, main, ok := strings.Cut(a.Body, "<main")
	if !ok {
		main = a.Body
	}
	main, _, _ = strings.Cut(main, "</main>")
	return main[:min(len(main), 1500)]
}

// compressed is the size of the page as it travels, in bytes.
func (a answer) compressed() int {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(a.Body))
	_ = w.Close()
	return b.Len()
}

func (d *desk) do(who string, r *http.Request) answer {
	d.t.Helper()
	r.Header.Set(asHeader, who)
	w := httptest.NewRecorder()
	d.site.ServeHTTP(w, r)
	body := w.Body.String()
	if strings.Contains(body, "ZgotmplZ") {
		d.t.Errorf("%s %s: a value does not fit its place in the template", r.Method, r.URL)
	}
	for _, key := range missingKey.FindAllString(body, 5) {
		d.t.Errorf("%s %s: a message is missing: %s", r.Method, r.URL, key)
	}
	return answer{t: d.t, Status: w.Code, Body: body, Header: w.Header()}
}

// missingKey finds keys that show as themselves because the catalogue lacks them.
var missingKey = regexp.MustCompile(`[>"](?:guide|treatment|score|estate|catalogue|difference|formula|baseline|baselines|threat|action|members|administration|account|profile|intake|sources|release|match|reason|confidence|sector|region|source|scenario|error|level|area|property)\.[a-z_.-]+[<"]|[{][a-z_]+[}]`)

func (d *desk) get(who, path string) answer {
	d.t.Helper()
	return d.do(who, httptest.NewRequest(http.MethodGet, path, nil))
}

func (d *desk) post(who, path string, values url.Values) answer {
	d.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return d.do(who, r)
}

// upload posts a form with a file; fields are name, value, name, value …
func (d *desk) upload(who, path, file string, fields ...string) answer {
	d.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		d.must(w.WriteField(fields[i], fields[i+1]))
	}
	if file != "" {
		part, err := w.CreateFormFile("file", "file.csv")
		d.must(err)
		_, err = part.Write([]byte(file))
		d.must(err)
	}
	d.must(w.Close())
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return d.do(who, r)
}

// formValues reads back the fields of the page's form whose action is this, as a browser would send them unchanged.
func (a answer) formValues(action string) url.Values {
	a.t.Helper()
	_, rest, ok := strings.Cut(a.Body, `action="`+action+`"`)
	if !ok {
		a.t.Fatalf("no form for %s\n%s", action, a.Body)
	}
	rest, _, _ = strings.Cut(rest, "</form>")
	return readControls(rest)
}

// profileOf returns the profile of an organisation as it is stored.
func (d *desk) profileOf(o comity.Organization) comity.Profile {
	d.t.Helper()
	p, err := d.store.Profile(d.t.Context(), deskSystem, o.ID)
	d.must(err)
	return p
}

// putProfile stores a changed profile of an organisation.
func (d *desk) putProfile(o comity.Organization, change func(*comity.Profile)) comity.Profile {
	d.t.Helper()
	p := d.profileOf(o)
	change(&p)
	p, err := d.store.PutProfile(d.t.Context(), deskSystem, p, d.now)
	d.must(err)
	return p
}

// inEveryLanguage visits pages in the six languages, and checks what a browser would silently mend.
func (d *desk) inEveryLanguage(who string, paths ...string) {
	d.t.Helper()
	for _, path := range paths {
		for _, lang := range Languages {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.AddCookie(&http.Cookie{Name: languageCookie, Value: lang})
			a := d.do(who, r).want(http.StatusOK, `lang="`+lang+`"`)
			checkHTML(d.t, lang+" "+path, a.Body)
			if size, most := a.compressed(), 15<<10; size > most {
				d.t.Errorf("%s %s: %d bytes compressed, want at most %d", lang, path, size, most)
			}
		}
	}
}
