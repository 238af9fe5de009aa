package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"comity"
	"comity/search"
)

// stixBatch is how many objects are stored with one round of statements.
const stixBatch = 500

// stixActor makes an item of intelligence of an actor's received bytes and those of what it targets.
type stixActor = func(received []byte, targets [][]byte) (*comity.Threat, error)

// PutSTIX takes in one document's objects in one transaction: every version with its bytes, and of the newest version of
// each object what is made of it. The order in which documents come makes no difference, but for one thing: of two objects
// with the same id and time of change that are not the same, the one that came first stays, and the other is refused.
//
// An object that several sources carry is stored once. Its label is the strictest of what each source says of its newest
// version there. A source that carries a version again says its label anew. What was revoked once stays withdrawn.
//
// actor is handed in, since the store reads no formats: it makes an item of intelligence of an actor's received bytes and
// those of what it targets.
func (s *Store) PutSTIX(ctx context.Context, v comity.Viewer, src comity.Source, objects iter.Seq2[comity.STIXObject, error],
	refused []comity.STIXRefusal, actor stixActor,
) (comity.STIXIntake, error) {
	if !v.TakesIn() {
		return comity.STIXIntake{}, comity.Errorf(comity.Forbidden, "this role does not take in sources")
	}
	p := &stixPut{src: src, actor: actor, touched: map[string]bool{}}
	err := s.write(ctx, v, "put stix", string(src.ID), func(tx *sql.Tx) error {
		p.tx, p.batch, p.here = tx, nil, map[string]bool{}
		p.result = comity.STIXIntake{Types: map[string]comity.STIXCount{}, Refused: slices.Clone(refused)}
		for _, r := range refused {
			p.count(r.Type, func(c *comity.STIXCount) { c.Refused++ })
		}
		return p.all(ctx, objects)
	})
	if err != nil {
		return comity.STIXIntake{}, err
	}
	return p.result, nil
}

// stixPut is one intake under way.
type stixPut struct {
	tx      *sql.Tx
	src     comity.Source
	actor   stixActor
	result  comity.STIXIntake
	batch   []comity.STIXObject
	here    map[string]bool // ids in the batch
	touched map[string]bool // actors, and objects that may be targets, to be looked at in the end
}

func (p *stixPut) count(kind string, add func(*comity.STIXCount)) {
	c := p.result.Types[kind]
	add(&c)
	p.result.Types[kind] = c
}

func (p *stixPut) all(ctx context.Context, objects iter.Seq2[comity.STIXObject, error]) error {
	for o, err := range objects {
		if err != nil {
			return err
		}
		p.result.Total++
		if len(p.batch) == stixBatch || p.here[o.ID] {
			if err := p.flush(ctx); err != nil {
				return err
			}
		}
		p.batch, p.here[o.ID] = append(p.batch, o), true
	}
	if err := p.flush(ctx); err != nil {
		return err
	}
	if err := p.putActors(ctx); err != nil {
		return err
	}
	if err := p.putRefused(ctx); err != nil {
		return err
	}
	p.src.Delta = p.result.Delta
	return p.putSource(ctx)
}

// putSource notes the intake; an older document does not make the source older.
func (p *stixPut) putSource(ctx context.Context) error {
	const query = `SELECT version, dated_at FROM sources WHERE id = $1`
	var version string
	var dated int64
	switch err := p.tx.QueryRowContext(ctx, query, string(p.src.ID)).Scan(&version, &dated); {
	case err == sql.ErrNoRows:
	case err != nil:
		return err
	case dated > unix(p.src.Date):
		p.src.Version, p.src.Date = version, fromUnix(dated)
	}
	return putSource(ctx, p.tx, p.src)
}

// stixVersion is one stored version of an object.
type stixVersion struct {
	modified, hash string
	revoked        bool
	tlp            comity.TLP
}

// stixKnown is what is stored of one object.
type stixKnown struct {
	versions []stixVersion                             // by time of change
	labels   map[comity.SourceID]map[string]comity.TLP // of each version at each source
}

// flush stores the batch, in which each id stands once.
func (p *stixPut) flush(ctx context.Context) error {
	known, err := p.known(ctx, slices.Collect(maps.Keys(p.here)))
	if err != nil {
		return err
	}
	w := &stixRows{put: p}
	for _, o := range p.batch {
		if known[o.ID] == nil {
			known[o.ID] = &stixKnown{labels: map[comity.SourceID]map[string]comity.TLP{}}
		}
		p.add(w, o, known[o.ID])
	}
	p.batch = p.batch[:0]
	clear(p.here)
	return w.write(ctx)
}

// known reads what is stored of objects.
func (p *stixPut) known(ctx context.Context, ids []string) (map[string]*stixKnown, error) {
	known := map[string]*stixKnown{}
	var w where
	w.in("id", ids)
	of := func(id string) *stixKnown {
		if known[id] == nil {
			known[id] = &stixKnown{labels: map[comity.SourceID]map[string]comity.TLP{}}
		}
		return known[id]
	}
	_, err := rows(ctx, p.tx, func(r *sql.Rows) (struct{}, error) {
		var id string
		var v stixVersion
		err := r.Scan(&id, &v.modified, &v.hash, &v.revoked, &v.tlp)
		of(id).versions = append(of(id).versions, v)
		return struct{}{}, err
	}, `SELECT id, modified, hash, revoked, tlp FROM stix_objects`+w.String()+` ORDER BY id, modified`, w.args...)
	if err != nil {
		return nil, err
	}
	_, err = rows(ctx, p.tx, func(r *sql.Rows) (struct{}, error) {
		var id, modified string
		var source comity.SourceID
		var tlp comity.TLP
		err := r.Scan(&id, &modified, &source, &tlp)
		of(id).note(source, modified, tlp)
		return struct{}{}, err
	}, `SELECT id, modified, source, tlp FROM stix_sources`+w.String(), w.args...)
	return known, err
}

func (k *stixKnown) note(source comity.SourceID, modified string, tlp comity.TLP) {
	if k.labels[source] == nil {
		k.labels[source] = map[string]comity.TLP{}
	}
	k.labels[source][modified] = tlp
}

// label is the strictest of what each source says of the newest version that it carries, up to this one.
func (k *stixKnown) label(modified string) comity.TLP {
	strictest, found := comity.TLPClear, false
	for _, at := range k.labels {
		newest, carries := "", false
		for m := range at {
			if m <= modified && (!carries || m > newest) {
				newest, carries = m, true
			}
		}
		if carries {
			strictest, found = comity.Strictest(strictest, at[newest]), true
		}
	}
	if !found {
		return comity.TLPUnmarked
	}
	return strictest
}

// revoked reports whether any version is.
func (k *stixKnown) revoked() bool {
	return slices.ContainsFunc(k.versions, func(v stixVersion) bool { return v.revoked })
}

// add works out what an object changes.
func (p *stixPut) add(w *stixRows, o comity.STIXObject, k *stixKnown) {
	modified := stixTime(o.Modified)
	at := slices.IndexFunc(k.versions, func(v stixVersion) bool { return v.modified == modified })
	if at >= 0 && k.versions[at].hash != o.Hash {
		p.result.Refused = append(p.result.Refused, comity.STIXRefusal{
			Place: o.ID, Type: o.Type, ID: o.ID, Received: o.Received,
			Reason: "another object with this id and time of change is here already: one of the two was changed without saying so",
		})
		p.count(o.Type, func(c *comity.STIXCount) { c.Refused++ })
		return
	}
	first, wasRevoked := len(k.versions) == 0, k.revoked()
	if said, carried := k.labels[p.src.ID][modified]; !carried || said != o.TLP {
		k.note(p.src.ID, modified, o.TLP)
		w.sources = append(w.sources, []any{o.ID, modified, string(p.src.ID), int64(o.TLP)})
	}
	if at < 0 {
		k.versions = append(k.versions, stixVersion{modified, o.Hash, o.Revoked, comity.TLPUnmarked})
		slices.SortFunc(k.versions, func(a, b stixVersion) int { return strings.Compare(a.modified, b.modified) })
	}
	newest := k.versions[len(k.versions)-1].modified == modified
	relabelled := w.relabel(o.ID, k, modified, at < 0)
	p.tell(o, k.label(modified), at < 0, first, relabelled, !wasRevoked && k.revoked())
	if at < 0 {
		w.addVersion(o, k, modified, newest, first)
	}
	switch {
	case o.Item != nil && newest && at < 0:
		w.addThreat(*o.Item, k.label(modified))
	case relabelled && !first && o.Item != nil:
		w.relabelled = append(w.relabelled, o.ID)
	}
	if k.revoked() && (!wasRevoked || newest && at < 0) {
		w.revoked = append(w.revoked, o.ID)
	}
	p.touch(o, at < 0 || relabelled)
}

// tell counts what became of an object.
func (p *stixPut) tell(o comity.STIXObject, label comity.TLP, added, first, relabelled, revoked bool) {
	switch {
	case revoked && !first:
		p.result.Removed++
	case first:
		p.result.Added++
	case added || relabelled:
		p.result.Changed++
	}
	if label == comity.TLPUnmarked {
		p.result.Unmarked++
	}
	p.count(o.Type, func(c *comity.STIXCount) {
		if o.Use == comity.STIXThreat {
			c.Threats++
		} else {
			c.Kept++
		}
	})
}

// touch notes what may change an actor.
func (p *stixPut) touch(o comity.STIXObject, changed bool) {
	if !changed {
		return
	}
	switch o.Type {
	case "intrusion-set", "threat-actor", "campaign", "identity", "location":
		p.touched[o.ID] = true
	case "relationship":
		p.touched[o.ID] = true
		for _, ref := range o.Refs {
			if ref.Kind == "targets" {
				p.touched[ref.From] = true
			}
		}
	}
}

// putRefused keeps what could not be used, once each.
func (p *stixPut) putRefused(ctx context.Context) error {
	seen := map[string]bool{}
	var list [][]any
	for _, r := range p.result.Refused {
		sum := sha256.Sum256(r.Received)
		hash := hex.EncodeToString(sum[:])
		if !seen[hash] {
			seen[hash] = true
			received := r.Received
			if received == nil {
				received = []byte{}
			}
			list = append(list, []any{string(p.src.ID), hash, r.Place, r.Type, r.ID, r.Reason, unix(p.src.TakenIn), received})
		}
	}
	return bulk(ctx, p.tx, "stix_refused", "source, hash, place, type, object_id, reason, taken_in_at, received",
		"ON CONFLICT (source, hash) DO NOTHING", list)
}

// stixTime is a time of change as it is stored: in the order of time as text; empty for none.
func stixTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000000Z")
}

// stixRows are the rows that a batch changes.
type stixRows struct {
	put        *stixPut
	objects    [][]any
	sources    [][]any
	refs       [][]any
	aged       []string // ids of which a newer version came
	threats    []comity.Threat
	labels     [][]any  // id, modified and label of stored versions
	relabelled []string // ids whose newest version has another label
	revoked    []string
}

// relabel works out the labels of the stored versions anew, and reports whether the newest one's is another.
func (w *stixRows) relabel(id string, k *stixKnown, modified string, added bool) bool {
	changed := false
	for i := range k.versions {
		v := &k.versions[i]
		label := k.label(v.modified)
		if label == v.tlp || added && v.modified == modified {
			v.tlp = label
			continue
		}
		v.tlp = label
		w.labels = append(w.labels, []any{int64(label), id, v.modified})
		changed = changed || i == len(k.versions)-1
	}
	return changed
}

func (w *stixRows) addVersion(o comity.STIXObject, k *stixKnown, modified string, newest, first bool) {
	w.objects = append(w.objects, []any{
		o.ID, modified, o.Type, o.SpecVersion, o.Name, flag(newest), flag(o.Revoked), int64(k.label(modified)), string(o.Use),
		o.Reason, string(o.Threat), o.Hash, unix(w.put.src.TakenIn), o.Received,
	})
	if !newest {
		return
	}
	if !first {
		w.aged = append(w.aged, o.ID)
	}
	for _, ref := range o.Refs {
		w.refs = append(w.refs, []any{o.ID, ref.From, ref.Kind, ref.To})
	}
}

func (w *stixRows) addThreat(t comity.Threat, label comity.TLP) {
	t.Source, t.Marking = w.put.src.ID, comity.Marking{TLP: label}
	t.FirstSeen, t.Updated = w.put.src.TakenIn, w.put.src.TakenIn
	w.threats = append(w.threats, t)
}

func (w *stixRows) write(ctx context.Context) error {
	tx := w.put.tx
	if err := w.retire(ctx); err != nil {
		return err
	}
	err := bulk(ctx, tx, "stix_objects", "id, modified, type, spec_version, name, newest, revoked, tlp, use, reason, threat_id, hash, taken_in_at, received", "", w.objects)
	if err != nil {
		return err
	}
	err = bulk(ctx, tx, "stix_sources", "id, modified, source, tlp", "ON CONFLICT (source, id, modified) DO UPDATE SET tlp = excluded.tlp", w.sources)
	if err != nil {
		return err
	}
	if err := bulk(ctx, tx, "stix_refs", "carrier, from_id, kind, to_id", "ON CONFLICT (carrier, from_id, kind, to_id) DO NOTHING", w.refs); err != nil {
		return err
	}
	for _, args := range w.labels {
		if _, err := tx.ExecContext(ctx, `UPDATE stix_objects SET tlp = $1 WHERE id = $2 AND modified = $3`, args...); err != nil {
			return err
		}
	}
	if err := putItems(ctx, tx, w.threats); err != nil {
		return err
	}
	if err := w.relabelThreats(ctx); err != nil {
		return err
	}
	return w.withdraw(ctx)
}

// retire marks versions of which a newer one comes, and drops what they said of others.
func (w *stixRows) retire(ctx context.Context) error {
	for some := range slices.Chunk(w.aged, lookup) {
		var ids, carriers where
		ids.in("id", some)
		carriers.in("carrier", some)
		if _, err := w.put.tx.ExecContext(ctx, `UPDATE stix_objects SET newest = 0`+ids.String(), ids.args...); err != nil {
			return err
		}
		if _, err := w.put.tx.ExecContext(ctx, `DELETE FROM stix_refs`+carriers.String(), carriers.args...); err != nil {
			return err
		}
	}
	return nil
}

// relabelThreats gives items of intelligence the label of their object's newest version.
func (w *stixRows) relabelThreats(ctx context.Context) error {
	for _, id := range w.relabelled {
		var tlp comity.TLP
		err := w.put.tx.QueryRowContext(ctx, `SELECT tlp FROM stix_objects WHERE id = $1 AND newest = 1`, id).Scan(&tlp)
		if err != nil {
			return fmt.Errorf("label of %s: %w", id, err)
		}
		t, err := scanThreat(w.put.tx.QueryRowContext(ctx, `SELECT `+threatColumns+` FROM threats WHERE id = $1`, string(comity.MakeThreatID(id))))
		if err == sql.ErrNoRows {
			continue
		} else if err != nil {
			return err
		}
		withdrawn := t.Withdrawn
		t.Marking.TLP, t.Updated = tlp, w.put.src.TakenIn
		if err := putItems(ctx, w.put.tx, []comity.Threat{t}); err != nil {
			return err
		}
		if withdrawn != nil {
			w.revoked = append(w.revoked, id)
		}
	}
	return nil
}

// withdraw takes back what was revoked.
func (w *stixRows) withdraw(ctx context.Context) error {
	for _, id := range w.revoked {
		const query = `
			UPDATE threats
			SET withdrawn_at = $1, updated_at = $1
			WHERE id = $2 AND withdrawn_at = 0`
		result, err := w.put.tx.ExecContext(ctx, query, unix(w.put.src.TakenIn), string(comity.MakeThreatID(id)))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			continue
		}
		if err := change(ctx, w.put.tx, comity.ChangeThreat, "", string(comity.MakeThreatID(id))); err != nil {
			return err
		}
	}
	return nil
}

// putItems stores items of intelligence with their observables, many at once. Indicators and reports need no entry in the
// log of changes: no profile can match them.
func putItems(ctx context.Context, tx *sql.Tx, threats []comity.Threat) error {
	if len(threats) == 0 {
		return nil
	}
	var items, terms, values [][]any
	ids := make([]string, 0, len(threats))
	for _, t := range threats {
		t.Withdrawn = nil
		text, err := encode(t)
		if err != nil {
			return err
		}
		items = append(items, []any{
			string(t.ID), string(t.Kind), t.Name, string(t.Source), int64(t.Marking.TLP), string(t.Marking.Originator),
			unix(t.Published), unix(t.FirstSeen), unix(t.Updated), int64(0), int64(0), t.Hash, text,
		})
		terms = append(terms, []any{string(t.ID), strings.Join(search.Terms(searched(t)), " ")})
		ids = append(ids, string(t.ID))
		if t.Indicator == nil {
			continue
		}
		for i, o := range t.Indicator.Values {
			values = append(values, []any{string(t.ID), int64(i), o.Type, o.Value, comity.Fold(o.Value)})
		}
	}
	return putItemRows(ctx, tx, ids, items, terms, values, threats)
}

func putItemRows(ctx context.Context, tx *sql.Tx, ids []string, items, terms, values [][]any, threats []comity.Threat) error {
	const again = `ON CONFLICT (id) DO UPDATE
		SET kind = excluded.kind, name = excluded.name, source = excluded.source, tlp = excluded.tlp, published_at = excluded.published_at,
		    updated_at = excluded.updated_at, withdrawn_at = 0, hash = excluded.hash, body = excluded.body`
	err := bulk(ctx, tx, "threats", "id, kind, name, source, tlp, originator, published_at, first_seen_at, updated_at, withdrawn_at, ransomware, hash, body", again, items)
	if err != nil {
		return err
	}
	err = bulk(ctx, tx, "threat_terms", "threat_id, terms",
		"ON CONFLICT (threat_id) DO UPDATE SET terms = excluded.terms WHERE threat_terms.terms <> excluded.terms", terms)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(ids, lookup) {
		var w where
		w.in("threat_id", some)
		if _, err := tx.ExecContext(ctx, `DELETE FROM observables`+w.String(), w.args...); err != nil {
			return err
		}
	}
	if err := bulk(ctx, tx, "observables", "threat_id, place, type, value, folded", "", values); err != nil {
		return err
	}
	for _, t := range threats {
		if t.Kind == comity.ThreatActor {
			if err := change(ctx, tx, comity.ChangeThreat, "", string(t.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}
