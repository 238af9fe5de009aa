package storage

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"comity"
)

// lookup is how many identities one query asks for at once.
const lookup = 500

// checkSource checks a document's date against the last one taken in, within the transaction of the intake.
func checkSource(ctx context.Context, tx *sql.Tx, src comity.Source, force bool) error {
	var last int64
	err := tx.QueryRowContext(ctx, `SELECT dated_at FROM sources WHERE id = $1`, string(src.ID)).Scan(&last)
	switch {
	case err == sql.ErrNoRows, err == nil && force:
		return nil
	case err != nil:
		return err
	case unix(src.Date) < last:
		return comity.Errorf(comity.Stale, "this document is of %s, older than the last one, of %s: force it to take it in all the same",
			src.Date.UTC().Format("2006-01-02 15:04"), fromUnix(last).Format("2006-01-02 15:04"))
	}
	return nil
}

func putSource(ctx context.Context, tx *sql.Tx, src comity.Source) error {
	delta, err := encode(src.Delta)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO sources (id, version, dated_at, taken_in_at, hash, delta)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE
		SET version = excluded.version, dated_at = excluded.dated_at, taken_in_at = excluded.taken_in_at, hash = excluded.hash, delta = excluded.delta`
	_, err = tx.ExecContext(ctx, query, string(src.ID), src.Version, unix(src.Date), unix(src.TakenIn), src.Hash, delta)
	return err
}

// Sources lists the sources that the viewer may know of, and what their last intake did.
func (s *Store) Sources(ctx context.Context, v comity.Viewer) ([]comity.Source, error) {
	s.note(ctx, v, "Sources")
	if !v.SeesGroup() {
		return nil, errNotFound
	}
	var w where
	visibleSource(&w, v, "sources.id")
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Source, error) { return scanSource(r) },
		`SELECT id, version, dated_at, taken_in_at, hash, delta FROM sources`+w.String()+` ORDER BY id`, w.args...)
	return list, s.known(err)
}

// Source returns one source that the viewer may know of.
func (s *Store) Source(ctx context.Context, v comity.Viewer, id comity.SourceID) (comity.Source, error) {
	s.note(ctx, v, "Source")
	if !v.SeesGroup() {
		return comity.Source{}, errNotFound
	}
	var w where
	w.and("id = ?", string(id))
	visibleSource(&w, v, "sources.id")
	src, err := scanSource(s.engine.Read.QueryRowContext(ctx, `SELECT id, version, dated_at, taken_in_at, hash, delta FROM sources`+w.String(), w.args...))
	return src, s.known(err)
}

func scanSource(r interface{ Scan(...any) error }) (src comity.Source, err error) {
	var dated, taken int64
	var delta string
	if err := r.Scan(&src.ID, &src.Version, &dated, &taken, &src.Hash, &delta); err != nil {
		return src, err
	}
	src.Date, src.TakenIn = fromUnix(dated), fromUnix(taken)
	src.Delta, err = decode[comity.Delta](delta)
	return src, err
}

// PutThreats takes in one document's threats in one transaction, and returns what that changed. A threat whose hash is
// known stays as it is. A document older than the source's last is Stale unless forced.
func (s *Store) PutThreats(ctx context.Context, v comity.Viewer, src comity.Source, threats []comity.Threat, o comity.PutThreatsOptions) (comity.Delta, error) {
	if !v.TakesIn() {
		return comity.Delta{}, comity.Errorf(comity.Forbidden, "this role does not take in sources")
	}
	var delta comity.Delta
	err := s.write(ctx, v, "put threats", string(src.ID), func(tx *sql.Tx) error {
		if err := checkSource(ctx, tx, src, o.Force); err != nil {
			return err
		}
		var err error
		if delta, err = putThreats(ctx, tx, src, threats, o.Withdraw); err != nil {
			return err
		}
		src.Delta = delta
		return putSource(ctx, tx, src)
	})
	if err != nil {
		return comity.Delta{}, err
	}
	return delta, nil
}

// knownThreat is what the store has of a threat before an intake.
type knownThreat struct {
	hash      string
	firstSeen int64
	withdrawn bool
}

// putThreats takes in the threats of a source. Vulnerabilities are its records of them, since other sources may speak of
// the same ones.
func putThreats(ctx context.Context, tx *sql.Tx, src comity.Source, threats []comity.Threat, withdraw bool) (comity.Delta, error) {
	var others []comity.Threat
	records := recordIntake{tx: tx, src: src, withdraw: withdraw}
	for _, t := range threats {
		if t.Vulnerability == nil {
			others = append(others, t)
			continue
		}
		key := t.ID.Key()
		records.list = append(records.list, comity.Record{Source: src.ID, ID: key, Keys: []string{key}, Hash: t.Hash, Threat: t})
	}
	delta, err := putOthers(ctx, tx, src, others, withdraw)
	if err != nil {
		return delta, err
	}
	said, err := records.run(ctx)
	delta.Added, delta.Removed, delta.Changed = delta.Added+said.Added, delta.Removed+said.Removed, delta.Changed+said.Changed
	delta.Total = len(threats)
	return delta, err
}

// putOthers takes in threats that one source alone speaks of.
func putOthers(ctx context.Context, tx *sql.Tx, src comity.Source, threats []comity.Threat, withdraw bool) (comity.Delta, error) {
	known, err := knownThreats(ctx, tx, src.ID)
	if err != nil {
		return comity.Delta{}, err
	}
	var delta comity.Delta
	put, err := tx.PrepareContext(ctx, putThreatQuery)
	if err != nil {
		return delta, err
	}
	defer put.Close()
	here := make(map[comity.ThreatID]bool, len(threats))
	for _, t := range threats {
		here[t.ID] = true
		old, there := known[t.ID]
		switch {
		case there && !old.withdrawn && old.hash == t.Hash:
			continue
		case there && !old.withdrawn:
			delta.Changed++
		default:
			delta.Added++
		}
		t.FirstSeen, t.Updated = src.TakenIn, src.TakenIn
		if there {
			t.FirstSeen = fromUnix(old.firstSeen)
		}
		if err := putThreat(ctx, tx, put, t, 0); err != nil {
			return delta, fmt.Errorf("threat %s: %w", t.ID, err)
		}
	}
	if !withdraw {
		return delta, nil
	}
	for id := range known {
		if here[id] || known[id].withdrawn {
			continue
		}
		delta.Removed++
		if err := withdrawThreat(ctx, tx, id, src); err != nil {
			return delta, err
		}
	}
	return delta, nil
}

func knownThreats(ctx context.Context, tx *sql.Tx, src comity.SourceID) (map[comity.ThreatID]knownThreat, error) {
	r, err := tx.QueryContext(ctx, `SELECT id, hash, first_seen_at, withdrawn_at FROM threats WHERE source = $1 AND kind <> 'vulnerability'`, string(src))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	known := map[comity.ThreatID]knownThreat{}
	for r.Next() {
		var id comity.ThreatID
		var k knownThreat
		var withdrawn int64
		if err := r.Scan(&id, &k.hash, &k.firstSeen, &withdrawn); err != nil {
			return nil, err
		}
		k.withdrawn = withdrawn != 0
		known[id] = k
	}
	return known, r.Err()
}

const putThreatQuery = `
	INSERT INTO threats (id, kind, name, source, tlp, originator, published_at, first_seen_at, updated_at, withdrawn_at, ransomware, exploited, cvss, hash, body)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
	ON CONFLICT (id) DO UPDATE
	SET kind = excluded.kind, name = excluded.name, source = excluded.source, tlp = excluded.tlp, originator = excluded.originator,
	    published_at = excluded.published_at, updated_at = excluded.updated_at, withdrawn_at = excluded.withdrawn_at,
	    ransomware = excluded.ransomware, exploited = excluded.exploited, cvss = excluded.cvss, hash = excluded.hash, body = excluded.body`

// putThreat stores a threat as it is now; withdrawn is when it was withdrawn, 0 while it stands.
func putThreat(ctx context.Context, tx *sql.Tx, put *sql.Stmt, t comity.Threat, withdrawn int64) error {
	text, err := bodyOfThreat(t)
	if err != nil {
		return err
	}
	ransomware, exploited, cvss := false, false, 0.0
	if v := t.Vulnerability; v != nil {
		ransomware, exploited = v.Ransomware, v.Exploited && withdrawn == 0
		if v.CVSS != nil {
			cvss = v.CVSS.Score
		}
	}
	_, err = put.ExecContext(ctx, string(t.ID), string(t.Kind), t.Name, string(t.Source), int64(t.Marking.TLP), string(t.Marking.Originator),
		unix(t.Published), unix(t.FirstSeen), unix(t.Updated), withdrawn, flag(ransomware), flag(exploited), cvss, t.Hash, text)
	if err != nil {
		return err
	}
	if err := putTerms(ctx, tx, t); err != nil {
		return err
	}
	return change(ctx, tx, comity.ChangeThreat, "", string(t.ID))
}

// bodyOfThreat is a threat without what has a column of its own.
func bodyOfThreat(t comity.Threat) (string, error) {
	t.FirstSeen, t.Updated, t.Withdrawn, t.Hash = time.Time{}, time.Time{}, nil, ""
	return encode(t)
}

func withdrawThreat(ctx context.Context, tx *sql.Tx, id comity.ThreatID, src comity.Source) error {
	const query = `
		UPDATE threats
		SET withdrawn_at = $1, updated_at = $1
		WHERE id = $2`
	if _, err := tx.ExecContext(ctx, query, unix(src.TakenIn), string(id)); err != nil {
		return err
	}
	return change(ctx, tx, comity.ChangeThreat, "", string(id))
}

// PutAffected adds the version ranges that a source knows of CVEs, replacing what it said of them before.
func (s *Store) PutAffected(ctx context.Context, v comity.Viewer, src comity.SourceID, byCVE map[string][]comity.Affected) error {
	return putByCVE(ctx, s, v, "affected", src, byCVE)
}

// PutTechniquesOf adds the techniques that exploitation of CVEs opens, replacing what the source said of them before.
func (s *Store) PutTechniquesOf(ctx context.Context, v comity.Viewer, src comity.SourceID, byCVE map[string][]string) error {
	return putByCVE(ctx, s, v, "opened_techniques", src, byCVE)
}

func putByCVE[T any](ctx context.Context, s *Store, v comity.Viewer, table string, src comity.SourceID, byCVE map[string][]T) error {
	if !v.TakesIn() {
		return comity.Errorf(comity.Forbidden, "this role does not take in sources")
	}
	return s.write(ctx, v, "put "+table, string(src), func(tx *sql.Tx) error {
		query := `
			INSERT INTO ` + table + ` (cve, source, body)
			VALUES ($1, $2, $3)
			ON CONFLICT (cve, source) DO UPDATE
			SET body = excluded.body
			WHERE ` + table + `.body <> excluded.body`
		unchanged := errUnchanged
		for _, cve := range slices.Sorted(maps.Keys(byCVE)) {
			differs, err := putOfCVE(ctx, tx, query, cve, src, byCVE[cve])
			if err != nil {
				return err
			}
			if differs {
				unchanged = nil
			}
		}
		return unchanged
	})
}

// putOfCVE stores what a source says of one CVE, and reports whether that differs from what it said before.
func putOfCVE(ctx context.Context, tx *sql.Tx, query, cve string, src comity.SourceID, said any) (bool, error) {
	text, err := encode(said)
	if err != nil {
		return false, err
	}
	result, err := tx.ExecContext(ctx, query, cve, string(src), text)
	if err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	return true, change(ctx, tx, comity.ChangeThreat, "", string(comity.MakeThreatID(cve)))
}

const threatColumns = `threats.body, threats.hash, threats.first_seen_at, threats.updated_at, threats.withdrawn_at`

func scanThreat(r interface{ Scan(...any) error }) (comity.Threat, error) {
	var text, hash string
	var first, updated, withdrawn int64
	if err := r.Scan(&text, &hash, &first, &updated, &withdrawn); err != nil {
		return comity.Threat{}, err
	}
	t, err := decode[comity.Threat](text)
	t.Hash, t.FirstSeen, t.Updated = hash, fromUnix(first), fromUnix(updated)
	if withdrawn != 0 {
		at := fromUnix(withdrawn)
		t.Withdrawn = &at
		if t.Vulnerability != nil {
			t.Vulnerability.Exploited = false
		}
	}
	return t, err
}

// Threats returns one page of the threats that the viewer may see.
func (s *Store) Threats(ctx context.Context, v comity.Viewer, q comity.ThreatQuery) (comity.ThreatPage, error) {
	s.note(ctx, v, "Threats")
	if q.Touching != "" && !v.SeesProfile(q.Touching) {
		return comity.ThreatPage{}, errNotFound
	}
	var w where
	marked(&w, v, "threats.tlp", "threats.originator")
	w.and("threats.withdrawn_at = 0")
	if q.Kind != "" {
		w.and("threats.kind = ?", string(q.Kind))
	}
	if q.Source == comity.SourceSTIX {
		w.and("threats.source = ? OR threats.source LIKE 'stix-%'", string(q.Source))
	} else if q.Source != "" {
		w.and(`threats.source = ? OR threats.kind = 'vulnerability' AND SUBSTR(threats.id, 5) IN (
			SELECT threat_key FROM vulnerability_records WHERE source = ? AND withdrawn_at = 0)`, string(q.Source), string(q.Source))
	}
	if q.Exploited {
		w.and("threats.exploited = 1")
	}
	if q.CVSS > 0 {
		w.and("threats.cvss >= ?", q.CVSS)
	}
	if q.Ransomware {
		w.and("threats.ransomware = 1")
	}
	if !q.Since.IsZero() {
		w.and("threats.published_at >= ?", unix(q.Since.Time()))
	}
	if err := s.finds(&w, q.Text); err != nil {
		return comity.ThreatPage{}, err
	}
	if q.Touching != "" {
		w.and(`threats.id IN (SELECT threat_id FROM matches WHERE org_id = ? AND exposed > 0)`, string(q.Touching))
	}
	join, order := "", "threats.published_at DESC, threats.id"
	switch q.Sort {
	case "", "published":
	case "name":
		order = "threats.name, threats.id"
	case "epss":
		join = ` LEFT JOIN scores ON scores.cve = SUBSTR(threats.id, 5)`
		order = "COALESCE(scores.score, -1) DESC, threats.id"
	default:
		return comity.ThreatPage{}, comity.Errorf(comity.Invalid, "sort %q: want published, epss or name", q.Sort)
	}
	p := comity.ThreatPage{}
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM threats`+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset := page(q.Limit, q.Offset, 200)
	query := fmt.Sprintf(`SELECT %s FROM threats%s%s ORDER BY %s LIMIT %d OFFSET %d`, threatColumns, join, w.String(), order, limit, offset)
	var err error
	p.Threats, err = s.threats(ctx, query, w.args...)
	return p, s.known(err)
}

// threats reads threats and merges what other sources know of them.
func (s *Store) threats(ctx context.Context, query string, args ...any) ([]comity.Threat, error) {
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Threat, error) { return scanThreat(r) }, query, args...)
	if err != nil {
		return nil, err
	}
	return list, s.enrich(ctx, list)
}

// enrich fills version ranges, opened techniques and scores of vulnerabilities, in batches.
func (s *Store) enrich(ctx context.Context, list []comity.Threat) error {
	byCVE := map[string]*comity.Vulnerability{}
	for i := range list {
		if vulnerability := list[i].Vulnerability; vulnerability != nil {
			vulnerability.Techniques, vulnerability.EPSS = nil, nil
			byCVE[vulnerability.CVE] = vulnerability
		}
	}
	for cves := range slices.Chunk(slices.Sorted(maps.Keys(byCVE)), lookup) {
		if err := s.enrichBatch(ctx, cves, byCVE); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) enrichBatch(ctx context.Context, cves []string, byCVE map[string]*comity.Vulnerability) error {
	var w where
	w.in("cve", cves)
	err := s.each(ctx, `SELECT cve, body FROM affected`+w.String()+` ORDER BY cve, source`, w.args, func(cve, text string) error {
		list, err := decode[[]comity.Affected](text)
		byCVE[cve].Affected = union(byCVE[cve].Affected, list)
		return err
	})
	if err != nil {
		return err
	}
	err = s.each(ctx, `SELECT cve, body FROM opened_techniques`+w.String()+` ORDER BY cve, source`, w.args, func(cve, text string) error {
		list, err := decode[[]string](text)
		byCVE[cve].Techniques = append(byCVE[cve].Techniques, list...)
		return err
	})
	if err != nil {
		return err
	}
	scores, err := s.scores(ctx, cves)
	if err != nil {
		return err
	}
	for cve, score := range scores {
		byCVE[cve].EPSS = &score
	}
	return nil
}

func (s *Store) each(ctx context.Context, query string, args []any, do func(a, b string) error) error {
	r, err := s.engine.Read.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		var a, b string
		if err := r.Scan(&a, &b); err != nil {
			return err
		}
		if err := do(a, b); err != nil {
			return err
		}
	}
	return r.Err()
}

// Threat returns one threat, withdrawn ones too.
func (s *Store) Threat(ctx context.Context, v comity.Viewer, id comity.ThreatID) (comity.Threat, error) {
	found, err := s.ThreatsByID(ctx, v, []comity.ThreatID{id})
	if err != nil {
		return comity.Threat{}, err
	}
	t, ok := found[id]
	if !ok {
		return comity.Threat{}, errNotFound
	}
	return t, nil
}

// ThreatsByID returns those of these threats that the viewer may see, withdrawn ones too.
func (s *Store) ThreatsByID(ctx context.Context, v comity.Viewer, ids []comity.ThreatID) (map[comity.ThreatID]comity.Threat, error) {
	s.note(ctx, v, "ThreatsByID")
	found := make(map[comity.ThreatID]comity.Threat, len(ids))
	for some := range slices.Chunk(ids, lookup) {
		var w where
		w.in("threats.id", texts(some))
		marked(&w, v, "threats.tlp", "threats.originator")
		list, err := s.threats(ctx, `SELECT `+threatColumns+` FROM threats`+w.String(), w.args...)
		if err != nil {
			return nil, s.known(err)
		}
		for _, t := range list {
			found[t.ID] = t
		}
	}
	return found, nil
}

// Matchable returns every threat in force that can match a profile. System only.
func (s *Store) Matchable(ctx context.Context, v comity.Viewer) ([]comity.Threat, error) {
	if err := s.system(ctx, v, "Matchable"); err != nil {
		return nil, err
	}
	const query = `
		SELECT ` + threatColumns + `
		FROM threats
		WHERE withdrawn_at = 0
		  AND kind IN ('vulnerability', 'actor', 'compromise')
		ORDER BY id`
	list, err := s.threats(ctx, query)
	return list, s.known(err)
}
