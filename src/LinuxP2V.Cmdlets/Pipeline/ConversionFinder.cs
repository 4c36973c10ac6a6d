using System.Management.Automation;
using LinuxP2V.Cmdlets.Session;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>Finds the conversions that a text means: an id, a VM's name as it is, or a wildcard.</summary>
internal static class ConversionFinder
{
    /// <summary>
    /// An id or a name that is there stands for itself, whatever characters it has: a VM named web[1] is not one of web1. Only
    /// then it is a wildcard, which may mean none or several; a name must mean one.
    /// </summary>
    /// <exception cref="P2VException">ConversionNotFound, ConversionAmbiguous; of one that is damaged its own error.</exception>
    public static IReadOnlyList<Conversion> Find(IConversionManager conversions, P2VConversion given)
    {
        if (!given.IsText)
            return [conversions.Get(given.Id)];

        var text = given.Id;
        var all = conversions.List();
        if (all.FirstOrDefault(conversion => conversion.Id == text) is { } byId)
            return [byId];

        if (conversions.ListDamaged().Any(conversion => conversion.Id == text))
            return [conversions.Get(text)];

        var exact = Exact(all, text);
        if (exact.Count > 1)
        {
            throw new P2VException(
                ErrorIds.ConversionAmbiguous,
                $"'{text}' is the name of {exact.Count} conversions: {string.Join(", ", exact.Select(one => $"{one.Id} ({one.State})"))}.",
                "Give the id of one, or pipe those that are meant from Get-P2VConversion.",
                text
            );
        }

        var found = exact.Count > 0 ? exact : Matching(all, text);
        return found.Count > 0 || WildcardPattern.ContainsWildcardCharacters(text)
            ? found
            : throw new P2VException(
                ErrorIds.ConversionNotFound,
                $"There is no conversion with the id or name '{text}'.",
                "List them: Get-P2VConversion.",
                text
            );
    }

    /// <summary>Those whose VM has this name; where none has, those whose name the wildcard means.</summary>
    public static IReadOnlyList<Conversion> ByName(IReadOnlyList<Conversion> all, string text) =>
        Exact(all, text) is { Count: > 0 } exact ? exact : Matching(all, text);

    /// <summary>Names differ by case in a folder: the same case comes first.</summary>
    private static List<Conversion> Exact(IReadOnlyList<Conversion> all, string text) =>
        all.Where(conversion => conversion.Task.Name == text).ToList() is { Count: > 0 } same
            ? same
            : [.. all.Where(conversion => string.Equals(conversion.Task.Name, text, StringComparison.OrdinalIgnoreCase))];

    private static IReadOnlyList<Conversion> Matching(IReadOnlyList<Conversion> all, string pattern) =>
        [.. all.Where(conversion => Wildcard.Matches(pattern, conversion.Task.Name))];
}
