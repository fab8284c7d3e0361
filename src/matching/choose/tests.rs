use super::*;

const HUMAN: Option<Workflow> = Some(Workflow::Human);
const MACHINE: Option<Workflow> = Some(Workflow::Machine);

/// A place: document, context, workflow, and whether a TMX says that the translation holds in this context only.
type Place = (i64, [u64; 2], Option<Workflow>, Scope);

const EVERYWHERE: Scope = Scope::Everywhere;

/// Translations, each by its locale, its text and its places; places are numbered through.
fn translations(all: &[(u16, &str, &[Place])], by_document: bool) -> Vec<Translation> {
    let mut number = 0;
    let mut translations = Vec::new();
    for (variant, &(locale, text, places)) in (1..).zip(all) {
        let mut made: Option<Translation> = None;
        let mut known: HashMap<([u64; 2], i64), usize> = HashMap::new();
        for &(document, context, workflow, scope) in places {
            let provenance = Provenance::of_document(document, workflow, None, 1);
            let facts = PlaceFacts { place: number, provenance, context, scope };
            number += 1;
            let translation = made.get_or_insert_with(|| Translation {
                variant,
                locale,
                text: text.into(),
                everywhere: Occurrences::first(&facts),
                by_context: Vec::new(),
                named_after_first: Vec::new(),
                aligned: Vec::new(),
            });
            if !translation.aligned.is_empty() {
                translation.everywhere.add(&facts);
            }
            translation.aligned.push((1, document as u32));
            let key = (context, if by_document { document } else { 0 });
            match known.get(&key) {
                Some(&at) => {
                    translation.by_context[at].add(&facts);
                }
                None => {
                    known.insert(key, translation.by_context.len());
                    translation.by_context.push(Occurrences::first(&facts));
                }
            }
        }
        translations.extend(made);
    }
    translations
}

/// The units as text: `text` for everywhere, `text@3` for the context of place 3 only, `a+b` for two locales.
fn chosen(all: &[(u16, &str, &[Place])], policy: ContextPolicy) -> (Vec<String>, u64) {
    let translations = translations(all, policy == ContextPolicy::DifferingByDocument);
    let accepts = |translation: &Translation, _| &*translation.text != "rejected";
    let choice = choose(&translations, policy, Versions::Best, accepts);
    let unit = |unit: &ChosenUnit<'_>| {
        let texts: Vec<&str> = unit.variants.iter().map(|variant| &*variant.translation.text).collect();
        let place = unit.context.filter(|_| unit.scope == Scope::Context);
        place.map_or(texts.join("+"), |place| format!("{}@{place}", texts.join("+")))
    };
    (choice.units.iter().map(unit).collect(), choice.passed_over())
}

#[test]
fn units_are_chosen_by_policy() {
    use ContextPolicy::*;
    let (one, other, unknown) = ([1, 2], [3, 4], UNKNOWN);
    let only = Scope::Context;
    let a: &[Place] = &[(1, one, HUMAN, EVERYWHERE)];
    let b: &[Place] = &[(2, other, MACHINE, EVERYWHERE)];
    let b_twice: &[Place] = &[(2, other, MACHINE, EVERYWHERE), (3, other, MACHINE, EVERYWHERE)];
    for (why, policy, all, units, passed_over) in [
        ("human before machine", BestOnly, vec![(0, "b", b), (0, "a", a)], vec!["a"], 1),
        ("the rest after the best", AllVariants, vec![(0, "b", b), (0, "a", a)], vec!["a", "b"], 0),
        ("another one where it is better", Differing, vec![(0, "a", a), (0, "b", b)], vec!["a", "b@1"], 0),
        (
            "one for each document of the context",
            DifferingByDocument,
            vec![(0, "a", a), (0, "b", b_twice)],
            vec!["a", "b@1", "b@2"],
            0,
        ),
        (
            "not where nothing tells it apart",
            Differing,
            vec![(0, "a", a), (0, "b", &[(2, unknown, MACHINE, EVERYWHERE)])],
            vec!["a"],
            1,
        ),
        (
            "not where the best one occurs too",
            Differing,
            vec![(0, "a", a), (0, "b", &[(2, one, MACHINE, EVERYWHERE)])],
            vec!["a"],
            1,
        ),
        ("each context", Each, vec![(0, "a", a), (0, "b", b)], vec!["a", "b"], 0),
        (
            "one translation for its context",
            Differing,
            vec![(0, "a", &[(1, one, HUMAN, only)])],
            vec!["a@0"],
            0,
        ),
        (
            "one whose context is unknown, for everywhere",
            Differing,
            vec![(0, "a", &[(1, unknown, HUMAN, only)])],
            vec!["a@0"],
            0,
        ),
        (
            "one for everywhere before one for its context",
            Differing,
            vec![(0, "a", &[(1, one, HUMAN, only)]), (0, "b", b)],
            vec!["b", "a@0"],
            0,
        ),
        (
            "what is rejected is not passed over",
            Differing,
            vec![(0, "rejected", a), (0, "b", b)],
            vec!["b"],
            0,
        ),
        ("all locales in one unit", BestOnly, vec![(1, "b", b), (0, "a", a)], vec!["a+b"], 0),
        (
            "in the second locale the one of the same document",
            BestOnly,
            vec![
                (0, "a", a),
                (1, "better", &[(9, one, HUMAN, EVERYWHERE)]),
                (1, "same", &[(1, one, MACHINE, EVERYWHERE)]),
            ],
            vec!["a+same"],
            1,
        ),
        ("nothing", Differing, vec![(0, "rejected", a)], vec![], 0),
    ] {
        assert_eq!(
            chosen(&all, policy),
            (units.into_iter().map(str::to_owned).collect(), passed_over),
            "{why}"
        );
    }
}

#[test]
fn a_context_is_named_only_if_all_places_share_it() {
    let (one, other) = ([1, 2], [3, 4]);
    for (places, context) in [
        (vec![(1, one, HUMAN, EVERYWHERE)], Some(0)),
        (vec![(1, one, HUMAN, EVERYWHERE), (2, one, HUMAN, EVERYWHERE)], Some(0)),
        (vec![(1, one, HUMAN, EVERYWHERE), (2, other, HUMAN, EVERYWHERE)], None),
    ] {
        let translations = translations(&[(0, "a", &places)], false);
        let choice = choose(&translations, ContextPolicy::Differing, Versions::Best, |_, _| true);
        assert_eq!(choice.units.iter().map(|unit| unit.context).collect::<Vec<_>>(), [context], "{places:?}");
    }
}
