# From `cargo metadata`: one line for each package whose licence or source is not one that this project takes.

# Permissive licences, those of fonts, and MPL-2.0, which asks only that changes to its own files stay open.
["0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "ISC", "MIT", "MPL-2.0",
 "OFL-1.1", "Ubuntu-font-1.0", "Unicode-3.0", "Unlicense", "Zlib"] as $taken

# Each part of an AND must offer one of them; a slash is the old form of OR.
| def acceptable: gsub("[()]"; "") | gsub(" */ *"; " OR ") | split(" AND ") | all(.[]; split(" OR ") | any(.[]; IN($taken[])));

.packages[]
| select(.source != null)
| if (.source | startswith("registry+") | not) then "\(.name) \(.version): comes from \(.source)"
  elif .license == null then "\(.name) \(.version): has no licence"
  elif (.license | acceptable | not) then "\(.name) \(.version): is licensed as \(.license)"
  else empty end
