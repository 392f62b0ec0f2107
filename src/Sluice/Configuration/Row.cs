namespace Sluice.Configuration;

/// <summary>Reads one scalar.</summary>
/// <returns>Null, or what was expected instead, as the end of "must be …".</returns>
internal delegate string? ParseValue<T>(string text, out T value);

/// <summary>The making of table rows.</summary>
internal static class Row
{
    /// <summary>A key with one scalar.</summary>
    public static Setting<T> Value<T, TValue>(string key, ParseValue<TValue> parse, Func<T, TValue, T> set, bool required = false) =>
        new(key, TextShape.Instance, (options, place) => TryRead(place, parse, out var value) ? set(options, value) : options, required);

    /// <summary>A key with a section below it.</summary>
    public static Setting<T> Section<T, TSection>(string key, Section<TSection> section, Func<T, TSection> get, Func<T, TSection, T> set) =>
        new(key, section, (options, place) => set(options, section.Read(place, get(options))));

    /// <summary>A key with a list of sections below it.</summary>
    public static Setting<T> List<T, TItem>(string key, Section<TItem> item, TItem start, Func<T, IReadOnlyList<TItem>, T> set) =>
        new(key, new ListShape(item), (options, place) =>
        {
            if (place.Node.Kind is NodeKind.Text or NodeKind.Map)
            {
                place.Report("must be a list: one '- { name: … }' for each");
                return options;
            }

            var items = new TItem[place.Node.Children.Count];
            for (var i = 0; i < items.Length; i++) items[i] = item.Read(place.Item(i), start);
            return set(options, items);
        });

    private static bool TryRead<TValue>(Place place, ParseValue<TValue> parse, out TValue value)
    {
        value = default!;
        if (place.Node.Kind == NodeKind.Empty) place.Report("has no value");
        else if (place.Node.Kind != NodeKind.Text) place.Report("must be one value, not a section or a list");
        else if (parse(place.Node.Text, out value) is { } expected) place.Report($"is '{place.Node.Text}' but must be {expected}");
        else return true;
        return false;
    }
}
