using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Sluice.Control.Api;

/// <summary>Says what is wrong with a request that could not be read, in the words of the API: its fields and what they must be.</summary>
internal static class BadRequests
{
    private static readonly Dictionary<Type, string> Kinds = new() { [typeof(string)] = "text", [typeof(int)] = "a whole number", [typeof(DateTimeOffset)] = "a time such as 2026-11-23T20:00:00Z" };

    public static string Describe(HttpContext context, BadHttpRequestException error)
    {
        if (error.InnerException is JsonException json) return DescribeBody(context, json);
        return error.StatusCode == StatusCodes.Status400BadRequest ? WrongParameter(context) ?? WrongBody(context) ?? error.Message : error.Message;
    }

    private static string DescribeBody(HttpContext context, JsonException error)
    {
        // The reader's own complaint lies within: the text is no JSON at all.
        if (error.InnerException is JsonException) return $"The body is no JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}).";
        var field = error.Path?.TrimStart('$', '.') ?? "";
        var property = Body(context)?.Properties.FirstOrDefault(property => property.Name == field);
        return property is null ? WrongBody(context) ?? "The body must be JSON." : $"{field} must be {KindOf(property.PropertyType)}.";
    }

    private static string? WrongBody(HttpContext context)
    {
        if (Body(context) is not { } body) return null;
        var (needed, others) = (Fields(body, isNeeded: true), Fields(body, isNeeded: false));
        return $"The body must be a JSON object with {needed}{(others.Length > 0 ? $"; it may have {others}" : "")}.";
    }

    private static string Fields(JsonTypeInfo body, bool isNeeded) =>
        string.Join(", ", body.Properties.Where(property => property.IsRequired == isNeeded).Select(property => $"{property.Name} ({KindOf(property.PropertyType)})"));

    private static JsonTypeInfo? Body(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } type ? ApiJson.Default.GetTypeInfo(type) : null;

    private static string? WrongParameter(HttpContext context)
    {
        foreach (var parameter in context.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [])
            if (parameter.ParameterInfo.ParameterType == typeof(int) && context.Request.Query[parameter.Name] is [{ } given, ..] && !int.TryParse(given, out _)) return $"{parameter.Name} must be {Kinds[typeof(int)]}, not '{given}'.";
        return null;
    }

    private static string KindOf(Type type) => Kinds.GetValueOrDefault(Nullable.GetUnderlyingType(type) ?? type, "something else");
}
