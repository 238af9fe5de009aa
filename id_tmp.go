package comity

type (
	// GroupSessionID identifies a session of the group: "gse_…".
	GroupSessionID string
	// DecisionID identifies a decision of the group: "dec_…".
	DecisionID string
)
