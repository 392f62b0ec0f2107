using System.IO.Enumeration;
using Sluice.Pipeline;

namespace Sluice.Configuration;

/// <summary>One entry of <c>streams</c>.</summary>
/// <param name="Name">A stream's <c>app/name</c>, or a pattern: <c>*</c> stands for any characters, slashes too.</param>
/// <param name="Options">Its settings; null members of <see cref="StreamOptions.Access"/> inherit the server's.</param>
public sealed record StreamEntry(string Name, StreamOptions Options)
{
    public bool IsPattern => Name.Contains('*');

    /// <summary>Whether the pattern covers a path.</summary>
    public bool Matches(string path) => FileSystemName.MatchesSimpleExpression(Name, path, ignoreCase: false);

    /// <summary>Whether <paramref name="name"/> can be an entry: a stream's path, a path with <c>*</c> in it, or <c>*</c> alone.</summary>
    public static bool IsValidName(string name) => name == "*" || StreamPath.IsValid(name.Replace('*', 'x'));
}
