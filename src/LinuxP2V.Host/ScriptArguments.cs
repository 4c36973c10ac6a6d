using System.Management.Automation;

namespace LinuxP2V.Host;

/// <summary>Words of a command line as parameters of a script: <c>-Name value</c>, <c>-Name:value</c>, <c>-Switch</c>, or a plain value.</summary>
internal static class ScriptArguments
{
    public static void AddTo(PowerShell shell, IReadOnlyList<string> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (!IsName(words[i]))
            {
                shell.AddArgument(words[i]);
                continue;
            }

            var colon = words[i].IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                shell.AddParameter(words[i][1..colon], ValueOf(words[i][(colon + 1)..]));
            else if (i + 1 < words.Count && !IsName(words[i + 1]))
                shell.AddParameter(words[i][1..], words[++i]);
            else
                shell.AddParameter(words[i][1..]);
        }
    }

    /// <summary>A negative number is a value.</summary>
    private static bool IsName(string word) => word.Length > 1 && word[0] == '-' && (char.IsLetter(word[1]) || word[1] == '_');

    private static object ValueOf(string text) => text.ToLowerInvariant() switch
    {
        "$true" => true,
        "$false" => false,
        _ => text,
    };
}
