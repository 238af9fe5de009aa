package web

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"comity"
	"comity/document"
)

// recordLocale is the language in which the records of a session are written.
func (c *call) recordLocale(one comity.GroupSession) *locale {
	return cmp.Or(c.site.locales[one.Language], c.locale)
}

// sessionDocument begins a document of a session in the language of its records. It carries the strictest label of what the
// viewer is shown.
func (c *call) sessionDocument(v sessionView, title string) document.Doc {
	l := c.recordLocale(v.Session)
	return newDocument(l, c.group, c.site.now(), title, clockOf(l, v.Session).When(v.Session), v.Marking)
}

// agendaDocument answers with the agenda for paper.
func (s *site) agendaDocument(ending string) func(*call) error {
	return func(c *call) error {
		m, err := c.pathSession()
		if err != nil {
			return err
		}
		v, err := c.sessionView(m)
		if err != nil {
			return err
		}
		l := c.recordLocale(v.Session)
		d := c.sessionDocument(v, l.T("session.agenda.of", "session", plain(v.Session.Title)))
		d.Blocks = l.placeBlocks(v)
		if v.Session.Note != "" {
			d.Blocks = append(d.Blocks, document.ParagraphOf(document.Text(v.Session.Note)...))
		}
		if len(v.Items) == 0 {
			d.Blocks = append(d.Blocks, document.Remark(l.T("document.empty")))
		} else {
			d.Blocks = append(d.Blocks, document.TableOf(l.agendaTable(v)))
		}
		return c.sendDocument("agenda", ending, d)
	}
}

// placeBlocks say where a session is held, and by whom.
func (l *locale) placeBlocks(v sessionView) []document.Block {
	var parts []string
	add := func(key, value string) {
		if value != "" {
			parts = append(parts, l.T(key)+l.T("session.document.colon")+value)
		}
	}
	add("session.field.place", v.Session.Place)
	add("session.field.hosts", v.Hosts)
	if len(parts) == 0 {
		return nil
	}
	return []document.Block{document.Remark(strings.Join(parts, " · "))}
}

// agendaTable is the agenda with its papers. An item that is labelled more narrowly than the session says so.
func (l *locale) agendaTable(v sessionView) document.Table {
	k := clockOf(l, v.Session)
	t := document.Table{Caption: l.T("session.agenda.title"), Headers: true, Columns: []document.Column{
		{Name: l.T("session.column.item"), Weight: 3.6},
		{Name: l.T("session.column.presenter"), Weight: 1.6},
		{Name: l.T("session.column.time"), Weight: 1.5},
		{Name: l.T("session.column.papers"), Weight: 2.2},
	}}
	for _, a := range v.Items {
		title := []document.Run{{Text: fmt.Sprintf("%d. %s", a.Position, a.Title), Strong: true}}
		if a.TLP != v.Session.TLP {
			title = append(title, document.Run{Text: " " + a.TLP.String()})
		}
		times := k.Clock(a.Begins)
		if a.AgendaItem.Minutes > 0 {
			times = strings.TrimSpace(times + " (" + l.T("session.minutes_short", "minutes", a.AgendaItem.Minutes) + ")")
		}
		papers := make([]string, len(a.Papers))
		for i, p := range a.Papers {
			papers[i] = p.Symbol + " " + p.Title
		}
		presenter := strings.Join(nonEmpty(a.Presenter, v.Acronyms[a.Org]), ", ")
		t.Rows = append(t.Rows, [][]document.Run{title, document.Text(presenter), document.Text(times), document.Text(strings.Join(papers, "; "))})
	}
	return t
}

// minutesDocument answers with the minutes for paper.
func (s *site) minutesDocument(ending string) func(*call) error {
	return func(c *call) error {
		m, err := c.pathMinutes()
		if err != nil {
			return err
		}
		v, err := c.minutesView(m)
		if err != nil {
			return err
		}
		l := c.recordLocale(v.Session)
		d := c.sessionDocument(v.sessionView, l.T("session.minutes.of", "session", plain(v.Session.Title)))
		d.Blocks = append(l.placeBlocks(v.sessionView), l.standingBlock(v))
		d.Blocks = append(d.Blocks, l.attendanceBlocks(v)...)
		for _, p := range v.Parts {
			d.Blocks = append(d.Blocks, l.partBlocks(v, p)...)
		}
		return c.sendDocument("minutes", ending, d)
	}
}

// standingBlock says whether the minutes are a draft, or approved with their hash.
func (l *locale) standingBlock(v minutesView) document.Block {
	if v.Session.Hash != "" {
		return document.Remark(l.T("session.minutes.approved") + " " + l.T("report.hash") + l.T("session.document.colon") + v.Session.Hash)
	}
	return document.Remark(l.T("session.state." + string(v.Session.State)))
}

func (l *locale) attendanceBlocks(v minutesView) []document.Block {
	blocks := []document.Block{document.HeadingOf(2, l.T("session.attendance.title"))}
	if len(v.Attended) == 0 {
		return append(blocks, document.Remark(l.T("session.attendance.nobody")))
	}
	names := make([]string, len(v.Attended))
	for i, a := range v.Attended {
		names[i] = a.Name + " (" + a.Acronym + ")"
	}
	blocks = append(blocks, document.ParagraphOf(document.Text(strings.Join(names, "; ")+".")...))
	if !v.Rule.Known {
		return blocks
	}
	k := clockOf(l, v.Session)
	t := document.Table{Caption: l.T("session.quorum.over_time"), Headers: true, Columns: []document.Column{
		{Name: l.T("session.quorum.from")},
		{Name: l.T("session.quorum.until")},
		{Name: l.T("session.quorum.present"), Number: true},
		{Name: l.T("session.quorum.needed"), Number: true},
		{Name: l.T("session.quorum.held")},
	}}
	for _, q := range v.Quorum {
		held := l.T("session.quorum.no")
		if q.Held() {
			held = l.T("session.quorum.yes")
		}
		t.Rows = append(t.Rows, [][]document.Run{
			document.Text(k.Clock(q.From)), document.Text(k.Clock(q.To)), document.Text(strconv.Itoa(q.Present)), document.Text(strconv.Itoa(q.Need)), document.Text(held),
		})
	}
	if len(t.Rows) > 0 {
		blocks = append(blocks, document.TableOf(t))
	}
	return blocks
}

// partBlocks are an item of the minutes: what was said, and the conclusions by their numbers.
func (l *locale) partBlocks(v minutesView, p minutesPart) []document.Block {
	title := p.Title
	if p.TLP != v.Session.TLP {
		title += " (" + p.TLP.String() + ")"
	}
	heading := document.HeadingOf(2, title)
	heading.Number = strconv.Itoa(p.Position) + "."
	blocks := []document.Block{heading}
	for _, text := range p.Paragraphs {
		blocks = append(blocks, document.ParagraphOf(document.Text(text)...))
	}
	for _, one := range p.Conclusions {
		blocks = append(blocks, l.conclusionBlock(one))
	}
	if len(p.Paragraphs)+len(p.Conclusions) == 0 {
		blocks = append(blocks, document.Remark(l.T("session.minutes.nothing")))
	}
	return blocks
}

// conclusionBlock is a numbered paragraph: "12. The group agreed …". One that was withdrawn keeps its number.
func (l *locale) conclusionBlock(one conclusionRow) document.Block {
	runs := []document.Run{{Text: one.Says + " ", Emphasis: true}, {Text: one.Text}}
	if !one.Withdrawn.IsZero() {
		runs = []document.Run{{Text: l.T("session.conclusion.is_withdrawn"), Emphasis: true}}
	} else if one.Number != "" {
		number := " [" + one.Number + "]"
		if one.Provisional {
			number = " [" + one.Number + l.T("session.document.provisional") + "]"
		}
		runs = append(runs, document.Run{Text: number, Strong: true})
	}
	b := document.ParagraphOf(runs...)
	b.Number = strconv.Itoa(one.Paragraph) + "."
	return b
}
