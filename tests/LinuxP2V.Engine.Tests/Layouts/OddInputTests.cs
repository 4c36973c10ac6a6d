namespace LinuxP2V.Engine.Tests.Layouts;

/// <summary>Whatever one section of a source's answer is like, the rest is read, and both answers stay the same.</summary>
public sealed class OddInputTests
{
    public static TheoryData<string> Names => [.. LayoutCase.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_section_that_is_missing_doubled_or_odd_never_ends_discovery(string name)
    {
        var sections = LayoutCase.Load(name).Sections;
        for (var place = 0; place < sections.Count - 1; place++)
        {
            var title = sections[place].Split('\n')[0];
            string[] changes =
            [
                "",
                sections[place] + sections[place],
                title + "\n",
                title + "\n" + string.Join('\n', Enumerable.Repeat("=|: /dev/ - \\999 -1 0x \"", 7)) + "\n\n",
                sections[place].Replace("=", "=-9223372036854775808", StringComparison.Ordinal),
                sections[place].Replace("|", "||", StringComparison.Ordinal),
                sections[place].Replace(" ", "", StringComparison.Ordinal).Replace("@", "@ ", StringComparison.Ordinal),
            ];
            foreach (var changed in changes)
                Walk([.. sections.Take(place), changed, .. sections.Skip(place + 1)], $"{name}: {title}");
        }
    }

    /// <summary>The facts are read whatever they are; the plan is made, or refused for what discovery calls an error.</summary>
    private static void Walk(IEnumerable<string> sections, string what)
    {
        var layoutCase = new LayoutCase(what, string.Concat(sections));
        var errors = layoutCase.Errors();
        try
        {
            layoutCase.Plan();
            Assert.True(errors.Count == 0, $"{what}: planned in spite of {string.Join(" ", errors)}");
        }
        catch (P2VException refusal)
        {
            Assert.True(errors.Count > 0, $"{what}: refused for {refusal.ErrorId}, which discovery does not tell");
            Assert.Equal(errors[0].Id, refusal.ErrorId);
        }
    }
}
