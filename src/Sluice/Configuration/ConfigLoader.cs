namespace Sluice.Configuration;

/// <summary>File, environment and command line → <see cref="SluiceOptions"/>, or every problem at once.</summary>
/// <remarks>Text → tree (<see cref="YamlTree"/>) → overrides → records by the table (<see cref="Settings"/>) → checks across keys (<see cref="ConfigChecks"/>).</remarks>
internal static class ConfigLoader
{
    /// <summary>Loads a file (null: no file, the defaults) and lays the overrides over it: first the environment, then <c>--set</c>.</summary>
    public static ConfigLoad Load(string? file, IEnumerable<KeyValuePair<string, string>> environment, IEnumerable<string> set)
    {
        try
        {
            return LoadText(file is null ? "" : File.ReadAllText(file), file ?? "defaults", environment, set);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ConfigLoad(null, [new ConfigProblem(new Origin(file!), "", $"cannot be read: {e.Message}")]);
        }
    }

    /// <summary>The same for the text of a file.</summary>
    /// <param name="file">The name that problems are reported under.</param>
    public static ConfigLoad LoadText(string text, string file, IEnumerable<KeyValuePair<string, string>> environment, IEnumerable<string> set)
    {
        var problems = new List<ConfigProblem>();
        var root = YamlTree.Read(text, file, problems) ?? new ConfigNode(NodeKind.Map, new Origin(file, 1));
        root.Become(NodeKind.Map);
        Overrides.FromEnvironment(root, environment, problems);
        Overrides.FromArguments(root, set, problems);
        var place = new Place(root, "", problems);
        var options = Settings.Root.Read(place, new SluiceOptions());
        ConfigChecks.Run(place, options);

        // The file's problems in its order, then those of the overrides, which have no line.
        var ordered = problems.Distinct().OrderBy(problem => problem.Origin.Line == 0).ThenBy(problem => problem.Origin.Line).ToList();
        return new ConfigLoad(ordered.All(problem => problem.IsWarning) ? options : null, ordered);
    }

    /// <summary>This process's environment.</summary>
    public static IEnumerable<KeyValuePair<string, string>> ProcessEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value ?? ""));
}
