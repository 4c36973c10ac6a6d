namespace LinuxP2V.Agent.Verify;

/// <summary>A random part of many, in their order.</summary>
internal static class RandomSample
{
    /// <param name="percent">Above 0, to 100. What is left of a whole one counts: of few files at least one is chosen.</param>
    public static List<int> Of(List<int> all, double percent, Random random)
    {
        var wanted = (int)Math.Min(all.Count, Math.Ceiling(all.Count * percent / 100));
        if (wanted == all.Count)
            return all;

        var chosen = new List<int>(wanted);
        for (var i = 0; i < all.Count && chosen.Count < wanted; i++)
        {
            if (random.Next(all.Count - i) < wanted - chosen.Count)
                chosen.Add(all[i]);
        }

        return chosen;
    }
}
