package storagetest

import (
	"testing"
	"time"

	"comity"
)

// catalogueOf returns a version with one scenario.
func catalogueOf(number int) comity.CatalogueVersion {
	return comity.CatalogueVersion{
		Number: number, Adopted: now.Add(time.Duration(number) * time.Hour), Note: "because",
		Catalogue: comity.Catalogue{
			Scenarios: []comity.Scenario{{ID: "phishing", Source: comity.SourceAdversarial, Rate: comity.Interval{Low: float64(number), High: 20}}},
			Strength:  map[string]float64{"M1032": .5}, Tolerance: 1e6,
		},
	}
}

func testCatalogue(t *testing.T, s *stage) {
	chair, member := s.as(t, s.a, comity.RoleCoChair), s.as(t, s.b, comity.RoleAnalyst)
	_, err := s.Catalogue(s.ctx, member, 0)
	wantKind(t, "before any", err, comity.NotFound)
	before := lastChange(t, s)
	must(t, s.PutCatalogue(s.ctx, system, catalogueOf(1), 0))
	if after := lastChange(t, s); after.Seq != before.Seq {
		t.Errorf("the first version asks for assessments: %+v", after)
	}
	wantKind(t, "the same number again", s.PutCatalogue(s.ctx, chair, catalogueOf(1), 0), comity.Conflict)
	wantKind(t, "a number too far", s.PutCatalogue(s.ctx, chair, catalogueOf(3), 0), comity.Conflict)
	two := catalogueOf(2)
	two.Restores = 1
	must(t, s.PutCatalogue(s.ctx, chair, two, 0))
	if c := lastChange(t, s); c.Kind != comity.ChangeCatalogue || c.Subject != "2" || c.Org != "" {
		t.Errorf("change: got %+v", c)
	}

	two.Person, two.Catalogue.Version = chair.Person(), "2"
	got, err := s.Catalogue(s.ctx, member, 0)
	must(t, err)
	same(t, "in force", got, two)
	number, err := s.CatalogueNumber(s.ctx, member)
	must(t, err)
	if number != 2 {
		t.Errorf("number: got %d", number)
	}
	one, err := s.Catalogue(s.ctx, member, 1)
	must(t, err)
	if one.Catalogue.Scenarios[0].Rate.Low != 1 || one.Catalogue.Version != "1" {
		t.Errorf("version 1 was changed: %+v", one)
	}
	_, err = s.Catalogue(s.ctx, member, 7)
	wantKind(t, "no such version", err, comity.NotFound)
	p, err := s.Catalogues(s.ctx, member, 1, 0)
	must(t, err)
	two.Catalogue = comity.Catalogue{}
	same(t, "list", p, comity.CataloguePage{Versions: []comity.CatalogueVersion{two}, Total: 2})
	p, err = s.Catalogues(s.ctx, member, 10, 1)
	must(t, err)
	if len(p.Versions) != 1 || p.Versions[0].Number != 1 {
		t.Errorf("second page: %+v", p)
	}
}

func lastChange(t *testing.T, s *stage) comity.Change {
	t.Helper()
	changes, err := s.Changes(s.ctx, system, 0, 1000)
	must(t, err)
	if len(changes) == 0 {
		return comity.Change{}
	}
	return changes[len(changes)-1]
}

func testCatalogueDraft(t *testing.T, s *stage) {
	chair, secretariat, member := s.as(t, s.a, comity.RoleCoChair), s.as(t, s.b, comity.RoleSecretariat), s.as(t, s.b, comity.RoleFocalPoint)
	must(t, s.PutCatalogue(s.ctx, system, catalogueOf(1), 0))
	_, err := s.CatalogueDraft(s.ctx, member)
	wantKind(t, "no draft", err, comity.NotFound)
	first, err := s.PutCatalogueDraft(s.ctx, chair, comity.CatalogueDraft{Base: 1, Catalogue: catalogueOf(2).Catalogue}, now)
	must(t, err)
	_, err = s.PutCatalogueDraft(s.ctx, secretariat, comity.CatalogueDraft{Base: 1}, now)
	wantKind(t, "a second draft", err, comity.Conflict)
	changed := first
	changed.Catalogue.Tolerance = 5
	second, err := s.PutCatalogueDraft(s.ctx, secretariat, changed, now)
	must(t, err)
	if second.Revision <= first.Revision || second.Person != secretariat.Person() {
		t.Errorf("second: %+v", second)
	}
	_, err = s.PutCatalogueDraft(s.ctx, chair, changed, now)
	wantKind(t, "changed in between", err, comity.Conflict)
	got, err := s.CatalogueDraft(s.ctx, member)
	must(t, err)
	same(t, "as members see it", got, second)

	two := catalogueOf(2)
	wantKind(t, "adopting an old draft", s.PutCatalogue(s.ctx, chair, two, first.Revision), comity.Conflict)
	if number, err := s.CatalogueNumber(s.ctx, member); err != nil || number != 1 {
		t.Errorf("an old draft was adopted: %d, %v", number, err)
	}
	must(t, s.PutCatalogue(s.ctx, chair, two, second.Revision))
	_, err = s.CatalogueDraft(s.ctx, member)
	wantKind(t, "adopted", err, comity.NotFound)

	third, err := s.PutCatalogueDraft(s.ctx, chair, comity.CatalogueDraft{Base: 2}, now)
	must(t, err)
	wantKind(t, "dropping another", s.DeleteCatalogueDraft(s.ctx, chair, first.Revision-1), comity.Conflict)
	must(t, s.DeleteCatalogueDraft(s.ctx, chair, third.Revision))
	_, err = s.CatalogueDraft(s.ctx, member)
	wantKind(t, "dropped", err, comity.NotFound)
}

// testCatalogueRoles holds that everybody with a role reads, co-chairs and the secretariat alone write, and that both
// leave an entry in the audit log.
func testCatalogueRoles(t *testing.T, s *stage) {
	must(t, s.PutCatalogue(s.ctx, system, catalogueOf(1), 0))
	for _, role := range comity.AllRoles {
		v := s.as(t, s.a, role)
		_, err := s.Catalogue(s.ctx, v, 0)
		must(t, err)
		edits := role == comity.RoleCoChair || role == comity.RoleSecretariat
		if edits {
			continue
		}
		wantKind(t, role.String()+" adopts", s.PutCatalogue(s.ctx, v, catalogueOf(2), 0), comity.NotFound)
		wantKind(t, role.String()+" drafts", second(s.PutCatalogueDraft(s.ctx, v, comity.CatalogueDraft{Base: 1}, now)), comity.NotFound)
		wantKind(t, role.String()+" drops a draft", s.DeleteCatalogueDraft(s.ctx, v, 1), comity.NotFound)
	}
	reader := s.as(t, s.a, comity.RoleCoChair).ReadingOnly()
	wantKind(t, "a token for reading adopts", s.PutCatalogue(s.ctx, reader, catalogueOf(2), 0), comity.Forbidden)
	nobody := s.as(t, s.b, 0)
	for what, err := range map[string]error{
		"number":   second(s.CatalogueNumber(s.ctx, nobody)),
		"version":  second(s.Catalogue(s.ctx, nobody, 1)),
		"versions": second(s.Catalogues(s.ctx, nobody, 10, 0)),
		"draft":    second(s.CatalogueDraft(s.ctx, nobody)),
	} {
		wantKind(t, what+" without a role", err, comity.NotFound)
	}
	chair := s.as(t, s.a, comity.RoleCoChair)
	must(t, s.PutCatalogue(s.ctx, chair, catalogueOf(2), 0))
	entries, err := s.AuditEntries(s.ctx, system, comity.AuditQuery{Limit: 1})
	must(t, err)
	if len(entries.Entries) != 1 || entries.Entries[0].Action != "adopt catalogue" || entries.Entries[0].Subject != "2" || entries.Entries[0].Person != chair.Person() {
		t.Errorf("audit: %+v", entries)
	}
}

// testExposureDays holds that the last assessment of each day is kept, and found on the days after it too.
func testExposureDays(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleFocalPoint)
	day := comity.DateOf(now)
	for i, at := range []time.Time{now, now.Add(time.Hour), now.AddDate(0, 0, 3)} {
		e := exposure(s.a.ID, i+1, at, float64(i+1)/10)
		e.Curve = []comity.LossPoint{{Loss: 1, P: 1}}
		must(t, s.PutExposure(s.ctx, system, e, nil))
	}
	for _, test := range []struct {
		after int // days
		want  float64
	}{{0, .2}, {2, .2}, {3, .3}, {400, .3}} {
		e, err := s.ExposureOn(s.ctx, v, s.a.ID, comity.DateOf(now.AddDate(0, 0, test.after)))
		must(t, err)
		if e.Significant.Value != test.want || e.Curve != nil {
			t.Errorf("after %d days: got %v with %d points of a curve, want %v", test.after, e.Significant.Value, len(e.Curve), test.want)
		}
	}
	_, err := s.ExposureOn(s.ctx, v, s.a.ID, comity.DateOf(now.AddDate(0, 0, -1)))
	wantKind(t, "before the first", err, comity.NotFound)
	days, err := s.ExposureDays(s.ctx, v, s.a.ID, 10)
	must(t, err)
	same(t, "days", days, []comity.Date{comity.DateOf(now.AddDate(0, 0, 3)), day})
}
