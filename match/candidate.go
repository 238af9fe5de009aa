package match

import "slices"

// finder looks for matches of many threats in one profile, and remembers which lines have which name: most threats are
// about a product that others were about. It is for one goroutine.
type finder struct {
	*Matcher
	lines  map[*named][]int
	places []int // room for candidates
}

// candidates returns the places of the software that could be touched, ascending: all that [Matcher.decide] could find,
// and few others. They hold until it is called again.
func (f *finder) candidates(v *vulnerable) []int {
	places := f.places[:0]
	for _, n := range v.named {
		places = append(places, f.called(n)...)
	}
	for _, key := range v.cpeKeys {
		places = append(places, f.byCPE[key]...)
	}
	for _, key := range v.purlKeys {
		places = append(places, f.byPURL[key]...)
	}
	if v.patterns {
		places = append(places, f.withCPE...)
	}
	if v.product.umbrella { // the description decides
		for _, key := range v.product.vendors {
			places = append(places, f.byVendor[key]...)
		}
	}
	slices.Sort(places)
	f.places = slices.Compact(places)
	return f.places
}

// called returns the places of the software that could be called so.
func (f *finder) called(n *named) []int {
	places, ok := f.lines[n]
	if ok {
		return places
	}
	for _, key := range n.vendors {
		for _, place := range f.byVendor[key] {
			if likest(n.names, f.software[place].names) != unlike {
				places = append(places, place)
			}
		}
	}
	for _, p := range n.parts {
		for _, place := range f.byVendor[p.vendor] {
			if n.isPartOf(&f.software[place]) {
				places = append(places, place)
			}
		}
	}
	for i := range n.names {
		for _, key := range n.names[i].keys() {
			places = append(places, f.byName[key]...)
		}
	}
	f.lines[n] = places
	return places
}

// keys are the letters by which [compareNames] finds the same name.
func (w *wording) keys() []string { return []string{w.compact, w.baseLetter, w.formLetter} }

// enterByName enters a line whose vendor is not known by its names, and without the words in front that may be a vendor's.
func (m *Matcher) enterByName(s *software, place int) {
	names := slices.Clone(s.names)
	w := words(s.Name)
	for n := 1; n <= longestVendor && n < len(w) && len(s.vendors) == 0; n++ {
		names = append(names, wordings([]productName{w[n:]})...)
	}
	for i := range names {
		for _, key := range names[i].keys() {
			if list := m.byName[key]; len(list) == 0 || list[len(list)-1] != place {
				m.byName[key] = append(list, place)
			}
		}
	}
}

// isUnsure reports whether the vendor is not given, or only packages what others make.
func isUnsure(vendors []string) bool {
	return !slices.ContainsFunc(vendors, func(v string) bool { return !packagers[v] })
}

func sharesVendor(a, b []string) bool {
	for _, v := range a {
		for _, w := range b {
			if v == w {
				return true
			}
		}
	}
	return false
}

// likenessTo compares names of one vendor.
func (n *named) likenessTo(s *software) likeness {
	if !sharesVendor(n.vendors, s.vendors) {
		return unlike
	}
	return likest(n.names, s.names)
}

// likest returns the likeness of the two most alike names.
func likest(theirs, ours []wording) likeness {
	best := unlike
	for i := range theirs {
		for j := range ours {
			best = max(best, compareNames(&theirs[i], &ours[j]))
		}
	}
	return best
}

func (n *named) isPartOf(s *software) bool {
	for _, p := range n.parts {
		if slices.Contains(s.vendors, p.vendor) && likest(p.names, s.names) == sameName {
			return true
		}
	}
	return false
}

// isDistinctlyNamed reports whether a line without a vendor of its own has exactly the product as name, or vendor and
// product: "Microsoft Exchange Server".
func (n *named) isDistinctlyNamed(s *software) bool {
	for i := range n.names {
		t := &n.names[i]
		for j := range s.names {
			if len(t.compact) >= shortestSupplier && compareNames(t, &s.names[j]) == sameName && !allGeneric(t.name) {
				return true
			}
		}
	}
	if len(s.vendors) > 0 {
		return false
	}
	w := words(s.Name)
	short := withoutVendor(w, n.vendors)
	return len(short) < len(w) && likest(n.names, wordings([]productName{short})) == sameName
}
