using System.Management.Automation;

namespace LinuxP2V.Cmdlets.Session;

internal static class Wildcard
{
    /// <summary>
    /// Whether a name is one that the pattern means, whatever its case. A pattern that is none, such as web[1, means nothing.
    /// </summary>
    public static bool Matches(string pattern, string name)
    {
        try
        {
            return WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(name);
        }
        catch (WildcardPatternException)
        {
            return false;
        }
    }
}
