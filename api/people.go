package api

import (
	"context"
	"net/http"

	"comity"
)

// listedContact is a contact with what a program needs to know beside it.
type listedContact struct {
	comity.Contact
	Overdue bool `json:"overdue" doc:"To be verified again by its organisation"`
}

type contactsInput struct {
	Organization string `query:"organization" doc:"Only those of this organisation, org_…"`
	Overdue      bool   `query:"overdue" doc:"Only those that are to be verified again"`
	Paging
}

// ContactPath names one contact. It is exported because only then does huma look into it.
type ContactPath struct {
	ID       string `path:"id" doc:"Identity of the organisation, org_…"`
	Function string `path:"function" enum:"focal-point,alternate,operational,data-protection,communications"`
}

// newContact is how an organisation is reached for one function from now on.
type newContact struct {
	Revision  int    `json:"revision" minimum:"0" doc:"The revision on which the change was made; 0 for a new contact"`
	Name      string `json:"name" minLength:"1" maxLength:"120" doc:"Of a person or a desk"`
	Email     string `json:"email,omitempty" maxLength:"254"`
	Phone     string `json:"phone,omitempty" maxLength:"60" doc:"International: +999 555 0100"`
	Key       string `json:"key,omitempty" maxLength:"120" doc:"OpenPGP fingerprint"`
	Other     string `json:"other,omitempty" maxLength:"200"`
	Hours     string `json:"hours,omitempty" maxLength:"200"`
	Languages string `json:"languages,omitempty" maxLength:"200"`
}

type putContactInput struct {
	ContactPath
	Body newContact
}

type verificationInput struct {
	ID   string `path:"id" doc:"Identity of the organisation, org_…"`
	Body struct {
		Function string `json:"function,omitempty" enum:",focal-point,alternate,operational,data-protection,communications" doc:"All of them if absent"`
	}
}

type peopleInput struct {
	ID string `path:"id" doc:"Identity of the organisation, org_…"`
	Paging
}

type tokenInput struct {
	ID string `path:"id" doc:"Identity, tok_…"`
}

// contacts registers the directory. People are invited, changed and deactivated on pages and on the command line only:
// there, a password stands behind it.
func (a *api) contacts() {
	handle(a, get("list-contacts", "/contacts", "group", "How organisations are reached, by organisation and function, as far as it is for you"), a.listContacts,
		http.StatusForbidden)
	handle(a, write(http.MethodPut, "put-contact", "/organizations/{id}/contacts/{function}", "group", "Say how an organisation is reached for one function"),
		a.putContact, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	remove := write(http.MethodDelete, "delete-contact", "/organizations/{id}/contacts/{function}", "group", "Remove a contact")
	remove.DefaultStatus = http.StatusNoContent
	handle(a, remove, a.deleteContact, http.StatusForbidden, http.StatusNotFound)
	verify := write(http.MethodPost, "verify-contacts", "/organizations/{id}/verification", "group", "Say for your organisation that its contacts are still true")
	verify.DefaultStatus = http.StatusNoContent
	handle(a, verify, a.verifyContacts, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
}

func (a *api) listContacts(ctx context.Context, c caller, in *contactsInput) (*content[Page[listedContact]], error) {
	if err := require(c.viewer.SeesContacts()); err != nil {
		return nil, err
	}
	org, err := optional(comity.ParseOrgID, "query.organization", in.Organization)
	if err != nil {
		return nil, err
	}
	group, err := a.store.Group(ctx, c.viewer)
	if err != nil {
		return nil, err
	}
	list, err := a.store.Contacts(ctx, c.viewer, org)
	if err != nil {
		return nil, err
	}
	var kept []listedContact
	for _, t := range list {
		if late := t.Overdue(a.now(), group.ContactDays()); late || !in.Overdue {
			kept = append(kept, listedContact{t, late})
		}
	}
	return cut(c, in.Paging, kept), nil
}

// contactOf returns the organisation and function of a path whose contacts the caller may change.
func (in ContactPath) contactOf(c caller) (comity.OrgID, comity.ContactFunction, error) {
	org, err := parsed(comity.ParseOrgID, in.ID)
	if err != nil {
		return "", "", err
	}
	function, err := parsed(comity.ParseContactFunction, in.Function)
	if err != nil {
		return "", "", err
	}
	return org, function, require(c.viewer.EditsContacts(org))
}

func (a *api) putContact(ctx context.Context, c caller, in *putContactInput) (*content[comity.Contact], error) {
	org, function, err := in.contactOf(c)
	if err != nil {
		return nil, err
	}
	b := in.Body
	t := comity.Contact{
		Org: org, Function: function, Name: b.Name, Email: b.Email, Phone: b.Phone, Key: comity.ParseKeyFingerprint(b.Key), Other: b.Other,
		Hours: b.Hours, Languages: b.Languages, Revision: b.Revision,
	}
	if problems := t.Problems(); len(problems) > 0 {
		p := newProblem(http.StatusUnprocessableEntity, "the contact is not complete")
		for _, one := range problems {
			p.Errors = append(p.Errors, problemField{"body." + one.Field, one.Msg})
		}
		return nil, p
	}
	t, err = a.store.PutContact(ctx, c.viewer, t, a.now())
	return bodyOf(t), err
}

func (a *api) deleteContact(ctx context.Context, c caller, in *ContactPath) (*nothing, error) {
	org, function, err := in.contactOf(c)
	if err != nil {
		return nil, err
	}
	return &nothing{}, a.store.DeleteContact(ctx, c.viewer, org, function)
}

func (a *api) verifyContacts(ctx context.Context, c caller, in *verificationInput) (*nothing, error) {
	org, err := parsed(comity.ParseOrgID, in.ID)
	if err != nil {
		return nil, err
	}
	if err := require(c.viewer.VerifiesContacts(org)); err != nil {
		return nil, err
	}
	return &nothing{}, a.store.VerifyContacts(ctx, c.viewer, org, comity.ContactFunction(in.Body.Function), a.now())
}

func (a *api) people() {
	handle(a, get("list-people", "/organizations/{id}/people", "group", "Who signs in for an organisation whose people you manage"),
		func(ctx context.Context, c caller, in *peopleInput) (*content[Page[comity.Person]], error) {
			org, err := parsed(comity.ParseOrgID, in.ID)
			if err != nil {
				return nil, err
			}
			if err := require(c.viewer.ManagesPeople(org)); err != nil {
				return nil, err
			}
			list, err := a.store.People(ctx, c.viewer, org)
			if err != nil {
				return nil, err
			}
			return cut(c, in.Paging, list), nil
		}, http.StatusForbidden, http.StatusNotFound)
	handle(a, get("list-tokens", "/tokens", "about", "Your own tokens, without what is secret"),
		func(ctx context.Context, c caller, in *struct{ Paging }) (*content[Page[comity.Token]], error) {
			list, err := a.store.Tokens(ctx, c.viewer, c.person.ID)
			if err != nil {
				return nil, err
			}
			return cut(c, in.Paging, list), nil
		})
	revoke := write(http.MethodDelete, "revoke-token", "/tokens/{id}", "about", "Revoke a token of your own, or of somebody whose organisation you manage")
	revoke.DefaultStatus = http.StatusNoContent
	handle(a, revoke, func(ctx context.Context, c caller, in *tokenInput) (*nothing, error) {
		id, err := parsed(comity.ParseTokenID, in.ID)
		if err != nil {
			return nil, err
		}
		return &nothing{}, a.store.DeleteToken(ctx, c.viewer, id)
	}, http.StatusForbidden, http.StatusNotFound)
}

type auditInput struct {
	Person       string `query:"person" doc:"Only what this person did, per_…"`
	Organization string `query:"organization" doc:"Only what its people did, or what is about it, org_…"`
	Action       string `query:"action" maxLength:"80" doc:"Only this action"`
	From         string `query:"from" format:"date" doc:"On this day or later"`
	To           string `query:"to" format:"date" doc:"On this day or before"`
	Paging
}

func (in *auditInput) query() (comity.AuditQuery, error) {
	q := comity.AuditQuery{Action: in.Action, Limit: in.Limit, Offset: in.Offset}
	var err error
	if q.Person, err = optional(comity.ParsePersonID, "query.person", in.Person); err != nil {
		return q, err
	}
	if q.Org, err = optional(comity.ParseOrgID, "query.organization", in.Organization); err != nil {
		return q, err
	}
	if q.From, err = comity.ParseDate(in.From); err != nil {
		return q, invalid("query.from", "not a day")
	}
	if q.To, err = comity.ParseDate(in.To); err != nil {
		return q, invalid("query.to", "not a day")
	}
	return q, nil
}

func (a *api) audit() {
	handle(a, get("list-audit-entries", "/audit", "group", "Who did what, newest first, as far as it is for you"),
		func(ctx context.Context, c caller, in *auditInput) (*content[Page[comity.AuditEntry]], error) {
			some, _ := c.viewer.SeesAuditOf()
			if err := require(some); err != nil {
				return nil, err
			}
			q, err := in.query()
			if err != nil {
				return nil, err
			}
			p, err := a.store.AuditEntries(ctx, c.viewer, q)
			if err != nil {
				return nil, err
			}
			return pageOf(c, in.Paging, p.Entries, p.Total), nil
		}, http.StatusForbidden)
}
