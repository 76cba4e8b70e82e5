// Package observe answers: which facts hold on the running kernel at the moments that package live names?
//
// It writes a BPF program for each probe from the facts that the contract's clauses speak of, reads where they are from the
// kernel's own BTF, and decides nothing: for each state of each site the decision of lockorder.Step is computed beforehand, so
// that a program knows by one look into a table whether what it sees is worth a sample. What a kernel does not have is left
// out with a typed reason; the observer is attached as a whole or not at all.
package observe
