# BM25 in awk: a search system that is not Python, as `byline eval retrieval --command` runs one.
#
#   awk -f docs/examples/bm25.awk CORPUS QUESTIONS > RUN
#
# CORPUS and QUESTIONS are JSON Lines as BEIR has them; what is written is a TREC run.

function words(line, found,    n, i, part) {
    sub(/^\{"_id": "[^"]*", /, "", line)
    gsub(/"(title|text)": /, "", line)
    gsub(/\\[nrt"]/, " ", line)
    n = split(tolower(line), part, /[^a-z0-9]+/)
    delete found
    for (i = 1; i <= n; i++) if (part[i] != "") found[part[i]]++
}

function id_of(line) {
    match(line, /"_id": "[^"]*"/)
    return substr(line, RSTART + 8, RLENGTH - 9)
}

FNR == NR {
    name[++documents] = id_of($0)
    words($0, found)
    for (word in found) {
        length_of[documents] += found[word]
        holders[word] = holders[word] " " documents ":" found[word]
        document_count[word]++
    }
    total += length_of[documents]
    next
}

{
    question = id_of($0)
    words($0, asked)
    delete score
    for (word in asked) {
        if (!(word in holders)) continue
        idf = log(1 + (documents - document_count[word] + .5) / (document_count[word] + .5))
        n = split(holders[word], pairs, " ")
        for (i = 1; i <= n; i++) {
            split(pairs[i], pair, ":")
            norm = 1.2 * (.25 + .75 * length_of[pair[1]] / (total / documents))
            score[pair[1]] += idf * pair[2] * 2.2 / (pair[2] + norm)
        }
    }
    for (document in score) print question, "Q0", name[document], 0, score[document], "awk"
}
