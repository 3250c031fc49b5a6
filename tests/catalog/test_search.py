from catalog.search import best_named, search_words


def test_a_search_means_the_models_whose_own_names_hold_most_of_it():
    names = {
        "openai/gpt-5.5": "GPT-5.5",
        "anthropic/claude-opus-5.5": "Claude Opus 5.5",
        "openai/gpt-4.1-mini": "GPT-4.1 mini",
    }
    assert best_named(search_words("gpt-5.5"), names) == {"openai/gpt-5.5"}
    assert best_named(search_words("gpt-5.5 nano-gpt azure"), names) == {"openai/gpt-5.5"}
    assert best_named(search_words("gpt41mini"), names) == {"openai/gpt-4.1-mini"}
    assert best_named(search_words("azure"), names) is None
    assert best_named([], {}) is None
