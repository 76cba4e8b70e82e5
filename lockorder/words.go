package lockorder

// The words of the language, by the place where they may stand. All are words only there: elsewhere they are names.
var (
	statementWords = []string{"class", "order", "nest", "let", "func", "guard", "op", "pair", "protocol"}
	classWords     = []string{"sub", "needs", "ends", "no", "from"}
	funcWords      = []string{
		"requires", "excludes", "acquires", "releases", "downgrades", "drops", "begins", "ends", "does", "sleeps", "nosleep",
		"same", "calls", "reads", "writes", "knows", "tells", "lends",
		"frees", "from",
	}
	regimeWords   = []string{"requires", "excludes", "inside", "knows", "then", "from"}
	opWords       = append([]string{"regime"}, regimeWords...)
	accessWords   = []string{"read", "write", "set", "clear", "init", "settle", "from"}
	accessRules   = []string{"requires", "unpublished", "lockless", "never"}
	markings      = []string{"once", "release", "acquire", "atomic"}
	protocolWords = []string{"flag", "payload", "store", "load", "fence", "call", "from"}
	nestWords     = []string{"address", "subclass", "any"}
	timeWords     = []string{"now", "later", "task"}
	modeWords     = []string{"any", "read", "write"}
	endWords      = []string{"releases", "downgrades"}
	// glueWords stand inside a statement or clause.
	glueWords = []string{
		"contract", "of", "at", "to", "when", "unlock", "by", "while", "all", "if", "on", "try", "as", "under", "before", "release",
		"lock", "after", "over", "in", "marked", "note", "lifo", "since", "until", "from",
	}
)

// stepOrders are the orders that a store, a load and a fence of a protocol may have.
var stepOrders = map[string][]string{
	"store": {"release", "once", "plain"},
	"load":  {"acquire", "once", "plain", "dependency"},
	"fence": {"mb", "wmb", "rmb"},
}

// continues are the words that continue a statement or clause even when they stand first on their line.
var continues = map[string]bool{
	"if": true, "on": true, "since": true, "until": true, "marked": true, "by": true, "note": true, "after": true,
	"before": true, "of": true, "at": true, "as": true, "to": true, "while": true, "when": true,
}

// reserved are the words that no class, let, op, pair, or result without parentheses may have as its name, since they
// could not be told from what may follow.
var reserved = map[string]bool{
	"all": true, "any": true, "read": true, "write": true, "since": true, "until": true, "from": true, "if": true,
	"on": true, "as": true, "to": true, "try": true, "release": true, "lock": true, "before": true, "after": true,
	"note": true, "marked": true, "by": true, "in": true, "when": true, "while": true, "of": true, "at": true, "self": true,
}
