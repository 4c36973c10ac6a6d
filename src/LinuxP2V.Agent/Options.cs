namespace LinuxP2V.Agent;

/// <summary>Options that each take a value.</summary>
internal static class Options
{
    /// <returns>Name to value; null when there is an unknown option or a value is missing.</returns>
    public static Dictionary<string, string>? Parse(IReadOnlyList<string> args, params ReadOnlySpan<string> known)
    {
        var found = new Dictionary<string, string>();
        for (var i = 0; i < args.Count; i += 2)
        {
            if (!known.Contains(args[i]) || i + 1 == args.Count)
                return null;

            found[args[i]] = args[i + 1];
        }

        return found;
    }
}
