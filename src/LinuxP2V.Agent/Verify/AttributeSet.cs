using System.Text;

namespace LinuxP2V.Agent.Verify;

/// <summary>The extended attributes of one entry, in a form that is the same wherever they were read.</summary>
internal sealed class AttributeSet
{
    private const string SELinux = "security.selinux";

    private readonly SortedDictionary<string, string> values = new(StringComparer.Ordinal);

    /// <param name="name">A char a byte.</param>
    public void Add(string name, ReadOnlySpan<byte> value) =>
        // The kernel takes a label with and without the NUL at its end for the same.
        values[name] = Convert.ToHexStringLower(name == SELinux ? value.TrimEnd((byte)0) : value);

    /// <summary>name=hex, a line each, by name; empty when there are none.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, value) in values)
            text.Append(name.Replace("\n", "\\012", StringComparison.Ordinal)).Append('=').Append(value).Append('\n');

        return text.ToString();
    }

    /// <summary>The lines of one that the other does not have, for people.</summary>
    public static string Beyond(string one, string other)
    {
        const int LongestText = 400;
        var names = string.Join(", ", one.Split('\n').Except(other.Split('\n')));
        return EntryDescription.Text(
            names.Length == 0 ? "none of these"
            : names.Length > LongestText ? names[..LongestText] + "…"
            : names
        );
    }
}
