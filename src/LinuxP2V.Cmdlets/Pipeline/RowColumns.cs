using System.Management.Automation;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>Finds columns of a row that nobody reads, though their names look as if somebody should.</summary>
/// <param name="cmdlets">Those that the row may be meant for.</param>
internal sealed class RowColumns(params Type[] cmdlets)
{
    private const int ShortestPart = 3;

    /// <summary>What other tools call it.</summary>
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["vm"] = "Name",
        ["vmname"] = "Name",
        ["cpu"] = "NumCpu",
        ["vcpu"] = "NumCpu",
        ["core"] = "NumCpu",
        ["ram"] = "MemoryGB",
        ["mem"] = "MemoryGB",
        ["cluster"] = "VMHost",
        ["esx"] = "VMHost",
        ["folder"] = "InventoryLocation",
        ["pool"] = "ResourcePool",
        ["vlan"] = "NetworkName",
        ["server"] = "Server",
        ["login"] = "UserName",
        ["password"] = "-Credential, which takes no text from a file,",
    };

    private readonly HashSet<string> parameters = new(cmdlets.SelectMany(RowBinder.ColumnsOf), StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a row has a column for a parameter, by its name or an alias.</summary>
    public static bool Has(PSObject row, Type cmdlet, string parameter) =>
        RowBinder.ColumnsOf(cmdlet, parameter).Any(name => row.Properties[name] is not null);

    /// <returns>A text for each column that was not seen before.</returns>
    public List<string> FindMistakes(PSObject row) =>
        row.BaseObject is not PSCustomObject
            ? []
            :
            [
                .. row
                    .Properties.Select(property => property.Name)
                    .Where(name => !parameters.Contains(name) && seen.Add(name))
                    .Select(name => (Name: name, Meant: MeantBy(name)))
                    .Where(column => column.Meant is not null)
                    .Select(column => $"The column '{column.Name}' is not used. If {column.Meant} is meant, rename it."),
            ];

    private string? MeantBy(string column) =>
        OtherNames.TryGetValue(Letters(column).TrimEnd('s'), out var known)
            ? known
            : parameters.FirstOrDefault(parameter => IsLike(column, parameter));

    /// <summary>Memory for MemoryGB, CPUs for NumCpu, "User Name" for UserName, Datastor for Datastore.</summary>
    private static bool IsLike(string column, string parameter)
    {
        var (one, other) = (Letters(column), Letters(parameter));
        if (one.Length < ShortestPart)
            return false;

        var singular = one.TrimEnd('s');
        return one == other
            || (
                singular.Length >= ShortestPart
                && (other.StartsWith(singular, StringComparison.Ordinal) || other.EndsWith(singular, StringComparison.Ordinal))
            )
            || (
                other.Length > ShortestPart
                && (one.StartsWith(other, StringComparison.Ordinal) || one.EndsWith(other, StringComparison.Ordinal))
            )
            || Distance(one, other) == 1;
    }

    private static string Letters(string name) => new([.. name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);

    /// <summary>Letters to insert, take away or change (Levenshtein).</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[other.Length];
    }
}
