package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"comity"
	"comity/archive"
	"comity/storage"
)

// organizationExport writes everything that is here of an organisation.
type organizationExport struct {
	Acronym string `arg:"" help:"Acronym of the organisation."`
	Out     string `help:"File to write; it must not be there yet. - for standard output." required:"" placeholder:"FILE"`
	storeFlags
}

// Run writes one ZIP file; half of one is taken away again.
func (c *organizationExport) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity organization export")
		org, err := organization(a.ctx, s, v, c.Acronym)
		if err != nil {
			return err
		}
		if c.Out == "-" {
			return archive.Write(a.ctx, a.stdout, s, v, org.ID, utcNow())
		}
		return c.file(a, s, v, org)
	})
}

func (c *organizationExport) file(a *app, s *storage.Store, v comity.Viewer, org comity.Organization) (err error) {
	path := filepath.Clean(c.Out)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return comity.Errorf(comity.Invalid, "create the archive: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(path) // the first error is the one to tell
		}
	}()
	if err := archive.Write(a.ctx, file, s, v, org.ID, utcNow()); err != nil {
		_ = file.Close()
		return err
	}
	if err := file.Sync(); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

// organizationErase erases what is an organisation's own.
type organizationErase struct {
	Acronym string `arg:"" help:"Acronym of the organisation."`
	As      string `help:"E-mail address of the focal point of the organisation who asks for it: nobody else may." required:"" placeholder:"ADDRESS"`
	Confirm string `help:"The acronym again. Without it the command says what would go and what stays, and erases nothing." placeholder:"ACRONYM"`
	storeFlags
	outputFlags
}

// erased is what is printed of an erasure.
type erased struct {
	comity.Erasure
	Done bool `json:"done"`
}

// Run erases, in the name of the focal point, or says what would be erased.
func (c *organizationErase) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		system := comity.System("comity organization erase")
		org, err := organization(a.ctx, s, system, c.Acronym)
		if err != nil {
			return err
		}
		person, err := s.PersonByEmail(a.ctx, system, c.As)
		v := comity.ViewerOf(person)
		if err != nil || !person.Active() || !v.Erases(org.ID) {
			return comity.Errorf(comity.Forbidden, "%s is no focal point of %s; only a focal point may erase what an organisation has here", c.As, org.Acronym)
		}
		result := erased{Done: c.Confirm != ""}
		if result.Done {
			result.Erasure, err = s.Erase(a.ctx, v, org.ID, c.Confirm, utcNow())
		} else {
			result.Erasure, err = s.Erasure(a.ctx, v, org.ID)
		}
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, result, func(w io.Writer) { printErasure(w, result, org) })
	})
}

func printErasure(w io.Writer, e erased, org comity.Organization) {
	verb := map[bool]string{true: "erased", false: "would go"}[e.Done]
	for _, c := range e.Erased {
		fmt.Fprintf(w, "%-9s %6d  %s\n", verb, c.Rows, c.What)
	}
	for _, c := range e.Kept {
		fmt.Fprintf(w, "%-9s %6d  %s\n", "stays", c.Rows, c.What)
	}
	if !e.Done {
		fmt.Fprintf(w, "nothing was erased; --confirm %s erases it\n", org.Acronym)
	}
}
