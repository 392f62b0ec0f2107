namespace Sluice.Configuration;

/// <summary>What the value of a key looks like. Overrides and the test of the manual walk the shapes; the loader reads through the typed ones.</summary>
internal abstract class Shape;

/// <summary>One scalar.</summary>
internal sealed class TextShape : Shape
{
    public static readonly TextShape Instance = new();
}

/// <summary>A list of items that each have a <c>name</c>.</summary>
internal sealed class ListShape(Shape item) : Shape
{
    public Shape Item => item;
}

/// <summary>Entries under names that the user gives.</summary>
internal sealed class EntriesShape(Shape entry) : Shape
{
    public Shape Entry => entry;
}

/// <summary>Known keys.</summary>
internal abstract class SectionShape : Shape
{
    public abstract IEnumerable<(string Key, Shape Shape)> Keys { get; }
}

/// <summary>One row of the table of settings: a key, and how its value goes into the record.</summary>
internal sealed record Setting<T>(string Key, Shape Shape, Func<T, Place, T> Apply, bool IsRequired = false);

/// <summary>The settings of one section of the file, and the one reader for all sections.</summary>
/// <remarks>Settings are applied in the order of the table, whatever the order of the file.</remarks>
internal sealed class Section<T>(params Setting<T>[] settings) : SectionShape
{
    public override IEnumerable<(string Key, Shape Shape)> Keys => settings.Select(setting => (setting.Key, setting.Shape));

    /// <summary>Lays what is written over <paramref name="start"/>; what is wrong is reported and left as it was.</summary>
    public T Read(Place place, T start)
    {
        if (place.Node.Kind is NodeKind.Text or NodeKind.List)
        {
            place.Report($"must be a section with the keys {string.Join(", ", settings.Select(setting => setting.Key))}");
            return start;
        }

        foreach (var (key, child) in place.Node.Children)
        {
            if (settings.All(setting => setting.Key != key)) place.Child(key, child).Report($"unknown key{Suggestion.For(key, settings.Select(setting => setting.Key))}");
        }

        foreach (var setting in settings)
        {
            if (place.Has(setting.Key)) start = setting.Apply(start, place.At(setting.Key));
            else if (setting.IsRequired) place.Report($"'{setting.Key}' is missing");
        }

        return start;
    }
}
