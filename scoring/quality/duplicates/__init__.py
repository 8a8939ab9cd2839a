"""Rows that are there more than once: exactly, nearly, in contradiction, and in two sets at a time (Q11, Q13, Q14, A9, A10).

    canonical   what must not matter for sameness           canonical(frame)
    exact       hashes of rows, equal rows, contradictions  row_hashes, exact, contradictions
    bottom_k    the rate of equal rows in constant memory   BottomK
    texts       nearly the same text                        near_texts
    images      nearly the same picture                     perceptual_hashes, near_images
    tables      rows that agree but for a column or two     near_rows
    overlap     how much of one set is in another           overlap, overlap_texts, overlap_images, overlap_rows, band

Below them: `groups` (which rows belong together), `links` (joining rows pair by pair), `buckets` (which pairs are looked
at, and how many at most), `shingles` and `minhash` (texts as sets), `hashing`, `rounding`.

No result depends on the order of the rows, on the number of threads or on the clock. What is called *near* has always been
verified on the rows themselves; hashes only propose.
"""
