package lockorder

// Suggest returns "did you mean X?" for the known word that is closest to word, or "" if none is close.
func Suggest(word string, known []string) string { return suggest(word, known) }
