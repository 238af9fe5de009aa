package web

import (
	"net/url"
	"strconv"

	"comity"
)

func (s *site) audit(r *routes) {
	r.handle("GET /administration/audit", auditReaders, s.showAudit)
	r.handle("GET /administration/audit.csv", auditReaders, s.exportAudit)
}

// auditReaders admits those who may see entries of the audit log.
func auditReaders(c *call) error {
	some, _ := c.viewer.SeesAuditOf()
	return c.require(some)
}

// auditView is the audit log.
type auditView struct {
	view
	Entries       []auditRow
	Paging        paging
	Query         comity.AuditQuery
	Of            string // name of the person asked for
	Actions       []string
	Organizations []comity.Organization
	All           bool   // of all organisations
	Address       string // query of the filters, for the export
	Filters       bool
}

// auditRow is one entry as it is shown.
type auditRow struct {
	comity.AuditEntry
	Who   string // name, or the identity of somebody whose name is not for the viewer; empty: the system
	Org   string // acronym
	About string // acronym
}

// auditQuery reads the filters; what does not parse selects nothing less than everything that the viewer may see.
func auditQuery(q url.Values) comity.AuditQuery {
	a := comity.AuditQuery{Action: q.Get("action"), Limit: pageSize, Offset: offsetOf(q)}
	if id, err := comity.ParsePersonID(q.Get("person")); err == nil {
		a.Person = id
	}
	if id, err := comity.ParseOrgID(q.Get("organization")); err == nil {
		a.Org = id
	}
	if d, err := comity.ParseDate(q.Get("after")); err == nil {
		a.From = d
	}
	if d, err := comity.ParseDate(q.Get("before")); err == nil {
		a.To = d
	}
	return a
}

func (s *site) showAudit(c *call) error {
	query := c.r.URL.Query()
	v := auditView{view: c.view(), Query: auditQuery(query)}
	v.Marking = comity.TLPAmberStrict
	_, v.All = c.viewer.SeesAuditOf()
	page, err := s.store.AuditEntries(c.ctx(), c.viewer, v.Query)
	if err != nil {
		return err
	}
	if v.Actions, err = s.store.AuditActions(c.ctx(), c.viewer); err != nil {
		return err
	}
	if v.Organizations, err = s.store.Organizations(c.ctx(), c.viewer); err != nil {
		return err
	}
	names, err := c.auditNames()
	if err != nil {
		return err
	}
	v.Entries = names.rows(page.Entries)
	v.Of = names.person(v.Query.Person)
	v.Paging = pagingOf("/administration/audit", query, v.Query.Offset, len(page.Entries), page.Total)
	query.Del("from")
	v.Filters = len(query) > 0
	if v.Filters {
		v.Address = "?" + query.Encode()
	}
	return c.render("administration/audit", v)
}

// auditNames are the names of what entries name by identity, as far as the viewer may know them.
type auditNames struct {
	people   map[comity.PersonID]string
	acronyms map[comity.OrgID]string
}

func (c *call) auditNames() (auditNames, error) {
	n := auditNames{people: map[comity.PersonID]string{}}
	var err error
	if n.acronyms, err = c.acronyms(); err != nil {
		return n, err
	}
	for org := range n.acronyms {
		if org != c.viewer.Org() && !c.viewer.Administers() {
			continue
		}
		people, err := c.site.store.People(c.ctx(), c.viewer, org)
		if err != nil {
			return n, err
		}
		for _, p := range people {
			n.people[p.ID] = p.Name
		}
	}
	return n, nil
}

func (n auditNames) person(id comity.PersonID) string {
	if name, ok := n.people[id]; ok {
		return name
	}
	return string(id)
}

func (n auditNames) rows(entries []comity.AuditEntry) []auditRow {
	rows := make([]auditRow, 0, len(entries))
	for _, e := range entries {
		rows = append(rows, auditRow{AuditEntry: e, Who: n.person(e.Person), Org: n.acronyms[e.Org], About: n.acronyms[e.About]})
	}
	return rows
}

// maxAuditRows is how many entries a file holds at most; the filters choose which.
const maxAuditRows = 20_000

func (s *site) exportAudit(c *call) error {
	q := auditQuery(c.r.URL.Query())
	names, err := c.auditNames()
	if err != nil {
		return err
	}
	rows := [][]string{{"tlp", "seq", "at", "person", "name", "organization", "about", "system", "action", "subject"}}
	for q.Limit, q.Offset = 1000, 0; q.Offset < maxAuditRows; q.Offset += q.Limit {
		page, err := s.store.AuditEntries(c.ctx(), c.viewer, q)
		if err != nil {
			return err
		}
		for _, r := range names.rows(page.Entries) {
			at, _ := iso(r.At) // a time always is one
			rows = append(rows, []string{
				comity.TLPAmberStrict.String(), strconv.FormatInt(r.Seq, 10), at, string(r.Person), r.Who, r.Org, r.About, r.System, r.Action, r.Subject,
			})
		}
		if len(page.Entries) < q.Limit {
			break
		}
	}
	return c.writeCSV(exportName(c, "audit", "csv"), rows)
}
