namespace Control.Tests.House;

/// <summary>The working tree that the tests were built from.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    public static string File(string relative) => System.IO.Path.Combine(Path, relative);

    /// <summary>The files below a folder, build output left out.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(File(folder), pattern, SearchOption.AllDirectories).Where(file => !IsBuildOutput(file));

    private static bool IsBuildOutput(string file) =>
        System.IO.Path.GetRelativePath(Path, file).Split('/').Any(part => part is "bin" or "obj" or "artifacts" or "node_modules" or "TestResults" or ".git");

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            if (System.IO.File.Exists(System.IO.Path.Combine(folder, "Sluice.slnx"))) return folder;
        }

        throw new InvalidOperationException("The tests do not run below the repository.");
    }
}
