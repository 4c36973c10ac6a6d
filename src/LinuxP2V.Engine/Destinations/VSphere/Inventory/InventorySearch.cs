using System.Text.RegularExpressions;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>Finds what an admin names: by name, wildcard, inventory path, or PowerCLI's id.</summary>
internal sealed class InventorySearch(InventoryTree tree)
{
    private const int MostCandidates = 12;

    public static bool IsPattern(string text) => text.IndexOfAny(['*', '?']) >= 0;

    /// <param name="parameter">As the admin gave it: -VMHost.</param>
    /// <exception cref="P2VException">InventoryItemNotFound, InventoryItemAmbiguous; both list the candidates.</exception>
    public InventoryItem One(string wanted, string parameter, string kind, IReadOnlyCollection<InventoryItem> candidates)
    {
        var found = All(wanted, parameter, kind, candidates);
        return found.Count == 1 ? found[0] : throw Ambiguous(wanted, parameter, kind, found);
    }

    /// <exception cref="P2VException">InventoryItemNotFound.</exception>
    public IReadOnlyList<InventoryItem> All(string wanted, string parameter, string kind, IReadOnlyCollection<InventoryItem> candidates)
    {
        var found = Match(wanted.Trim(), candidates);
        return found.Count > 0
            ? found
            : throw new P2VException(
                ErrorIds.InventoryItemNotFound,
                $"There is no {kind} '{wanted}' that could be used here. {List(candidates)}",
                $"Give another one with {parameter}: a name, a wildcard, or an inventory path.",
                wanted
            );
    }

    /// <returns>Empty where nothing is so called.</returns>
    public IReadOnlyList<InventoryItem> Find(string wanted, IReadOnlyCollection<InventoryItem> candidates) =>
        Match(wanted.Trim(), candidates);

    public P2VException Ambiguous(string? wanted, string parameter, string kind, IReadOnlyCollection<InventoryItem> found) =>
        new(
            ErrorIds.InventoryItemAmbiguous,
            wanted is null ? $"There is more than one {kind}. {List(found)}" : $"'{wanted}' names more than one {kind}. {List(found)}",
            $"Name one with {parameter}: where names are the same, its inventory path tells them apart.",
            wanted
        );

    private List<InventoryItem> Match(string wanted, IReadOnlyCollection<InventoryItem> candidates)
    {
        if (ManagedObject.Parse(wanted) is { } reference && candidates.FirstOrDefault(item => item.Object == reference) is { } known)
            return [known];

        // A name may have a slash in it, so that it comes before a path.
        var named = candidates.Where(item => string.Equals(item.Name, wanted, StringComparison.OrdinalIgnoreCase)).ToList();
        if (named.Count > 0)
            return named;

        if (wanted.Contains('/'))
        {
            var path = "/" + wanted.Trim('/');
            var matches = Matcher(path);
            return [.. candidates.Where(item => matches(tree.PathOf(item)) || matches(tree.ShortPathOf(item)))];
        }

        return IsPattern(wanted) ? [.. candidates.Where(item => Matcher(wanted)(item.Name))] : [];
    }

    private static Func<string, bool> Matcher(string wanted)
    {
        if (!IsPattern(wanted))
            return text => string.Equals(text, wanted, StringComparison.OrdinalIgnoreCase);

        var expression = new Regex(
            "^" + Regex.Escape(wanted).Replace("\\*", ".*").Replace("\\?", ".") + "$",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline
        );
        return expression.IsMatch;
    }

    private string List(IReadOnlyCollection<InventoryItem> candidates)
    {
        if (candidates.Count == 0)
            return "There is none.";

        var paths = candidates.Select(tree.ShortPathOf).OrderBy(path => path, StringComparer.OrdinalIgnoreCase).Take(MostCandidates);
        var more = candidates.Count > MostCandidates ? $" and {candidates.Count - MostCandidates} more" : "";
        return $"There is {string.Join(", ", paths)}{more}.";
    }
}
