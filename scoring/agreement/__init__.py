"""What is known when several people label the same items. Pure: arrays in, records out.

    labels         Labels: who gave which label to which item, checked and sorted once; every function here takes it
    coefficients   agreement beyond chance, with intervals: Krippendorff's α, Fleiss' and Cohen's κ, Gwet's AC1
    consensus      the likely true class of each item (Dawid and Skene), and plain majority
    habits         the confusion matrices that the consensus learns
    annotators     each annotator: accuracy, bias, agreement, pace, constant answers
    collusion      pairs of annotators who make the same mistakes too often
    skills         the public rule from checked items to a skill level
    inspection     quality inspection by sampling, with exact risks
    cost           what a right label costs, and which items deserve one more
    spans, boxes, sets, texts   labels that are not one class, item by item against gold; `matches` turns their counts into
                   precision, recall, F1 and Jaccard with intervals
    simulate       annotators with stated confusion matrices

Importing this package loads nothing; import the module that you need. `skills` needs no NumPy.
"""
