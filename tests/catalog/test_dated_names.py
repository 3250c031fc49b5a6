import pytest

from catalog.dated_names import release_in_name


@pytest.mark.parametrize(
    ("name", "released"),
    [
        ("gpt-4o-audio-preview-2025-06-03", "2025-06-03"),
        ("qwen3-vl-plus-2025-12-19", "2025-12-19"),
        ("claude-3-5-haiku-20241022", "2024-10-22"),
        ("deep-research-pro-preview-12-2025", "2025-12"),
        ("gemini-2.5-flash-native-audio-preview-09-2025", "2025-09"),
        ("command-r-08-2024", "2024-08"),
        ("mistral-ocr-2512", "2025-12"),
        ("mistral-nemo-instruct-2407", "2024-07"),
        ("alia-40b-instruct-2606", "2026-06"),
        # A month and a day without a year, versions, sizes, and two dates state nothing.
        ("deepseek-v4-flash-0731", ""),
        ("gpt-3.5-turbo-1106", ""),
        ("llama-2-7b", ""),
        ("qwen2.5-coder-32b", ""),
        ("model-2213", ""),
        ("llama-3.2-1b-20481", ""),
        ("a-2024-08-06-b-2024-11-20", ""),
    ],
)
def test_a_name_holds_a_date_as_precise_as_it_is(name: str, released: str) -> None:
    assert release_in_name(name) == released
