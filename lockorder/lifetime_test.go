package lockorder

func init() { ruleCases = append(ruleCases, lifetimeCases...) }

// lifetimeCases are the rules on objects that something keeps for a time.
var lifetimeCases = []ruleCase{
	{"use after release", RuleLifetime, `take mmap(m) r v = call find(m) use v free mmap(m) use v use v`, []string{
		"lifetime: v is used after an event released what kept it"}},
	{"use before release", RuleLifetime, `take mmap(m) r v = call find(m) use v free mmap(m) return`, nil},
	{"use after the lock of the object", RuleLifetime, `take mmap(m) r v = call find(m) take vma(v) r free mmap(m) use v free vma(v) use v`, []string{
		"lifetime: v is used after an event released what kept it"}},
	{"use under another lock taken too late", RuleLifetime, `take mmap(m) r v = call find(m) free mmap(m) take vma(v) r use v`, []string{
		"lifetime: v is used after an event released what kept it"}},
	{"use under a pin that does not count", RuleLifetime, `take mmap(m) r v = call find(m) take pin(v) r free mmap(m) use v`, []string{
		"lifetime: v is used after an event released what kept it"}},
	{"use after drop", RuleLifetime, `take mmap(m) r v = call find(m) drop mmap(m) use v`, []string{
		"lifetime: v is used after an event dropped the lock that kept it"}},
	{"found again after drop", RuleLifetime, `take mmap(m) r v = call find(m) drop mmap(m) v = call find(m) use v`, nil},
	{"use after release by contract", RuleLifetime, `take mmap(m) r v = call find(m) call unlock(m) use v`, []string{
		"lifetime: v is used after unlock released what kept it"}},
	{"use after release on one path", RuleLifetime, `take mmap(m) r v = call find(m) if a { free mmap(m) } use v`, []string{
		"lifetime?: v is used after an event released what kept it on some paths"}},
	{"use on the other path", RuleLifetime, `take mmap(m) r v = call find(m) if a { free mmap(m) } if !a { use v }`, nil},
	{"use of what was found on one path", RuleLifetime, `take mmap(m) r v = call find_some(m) free mmap(m) if v { use v }`, []string{
		"lifetime: v is used after an event released what kept it"}},
	{"use where the object's lock was got", RuleLifetime, `take mmap(m) r v = call find(m) take vma(v) r try if ok free mmap(m) if ok { use v }`, nil},
	{"use where it was not", RuleLifetime, `take mmap(m) r v = call find(m) take vma(v) r try if ok free mmap(m) if !ok { use v }`, []string{
		"lifetime: v is used after an event released what kept it"}},
	{"one of all", RuleLifetime, `take mmap(m) w take imap(m) r m = call lock_all(y) free imap(m) use m`, []string{
		"lifetime: m is used after an event released what kept it"}},
	{"downgraded", RuleLifetime, `take mmap(m) w take imap(m) r m = call lock_all(y) down mmap(m) use m`, []string{
		"lifetime: m is used after an event released what kept it"}},
	{"nothing is known to keep it", RuleLifetime, `v = call find(m) take mmap(m) r free mmap(m) use v`, nil},
	{"use after free", RuleLifetime, `call put(x) use x`, []string{"lifetime: x is used after put gave it away"}},
	{"no use after free", RuleLifetime, `use x call put(x) use y return`, nil},
	{"use after free on one path", RuleLifetime, `if a { call put(x) } use x`, []string{"lifetime?: x is used after put gave it away on some paths"}},
	{"freed on one path, used on the other", RuleLifetime, `if a { call put(x) } if !a { use x }`, nil},
}
