"""The structured facts of both sides of the exchange: listings, demands, policies of use, and plain text read as a demand.

Plain data without database or web. `listing` and `demand` hold the two documents, `policy` what may be done with data,
`odrl` and `licences` where policies come from, `allowing` what they let through, `contradictions` what cannot all be had at
once, `understanding` a draft demand out of a sentence. Sentences are in `messages`.
"""
