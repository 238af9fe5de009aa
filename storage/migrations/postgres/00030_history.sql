-- +goose Up
-- A page of the work-plan, and how many there are, without reading every item of many years.
DROP INDEX actions_by_order;
CREATE INDEX actions_by_order ON actions (priority, due, created_at, id, audience, owner_org_id, tlp, status);
CREATE INDEX actions_by_status ON actions (status, priority, due, created_at, id, audience, owner_org_id, tlp);

-- An item at a moment, without reading what it was before.
CREATE INDEX action_states_of_action ON action_states (action_id, until_at, from_at);
