using LinuxP2V.Cmdlets.Tests.Support;

namespace LinuxP2V.Cmdlets.Tests.Loading;

/// <summary>That PowerShell can read the module's types before our resolver is there, on Windows as on Linux.</summary>
public sealed class LateTypeTests
{
    private const string Fixture = "LinuxP2V.Cmdlets.Tests.Loading.";

    public static TheoryData<string> Frameworks => ["net8.0", "net472"];

    [Theory]
    [MemberData(nameof(Frameworks))]
    public void WindowsLoadsEveryPublicType(string framework) => AssertNone(Read(framework).Where(use => use.StopsLoading));

    /// <summary>More than any runtime asks for, and simpler to keep to.</summary>
    [Theory]
    [MemberData(nameof(Frameworks))]
    public void NoVirtualMemberFieldPropertyAttributeOrBaseTypeNamesALateType(string framework) => AssertNone(Read(framework));

    [Theory]
    [MemberData(nameof(Frameworks))]
    public void TheLateAssembliesAreThoseInTheFolderOfDependencies(string framework)
    {
        var late = LateAssemblies(framework);
        Assert.Superset(new HashSet<string> { "LinuxP2V.Engine", "LinuxP2V.Protocol", "Renci.SshNet" }, late);
        Assert.DoesNotContain("LinuxP2V.Cmdlets", late);
    }

    [Theory]
    [InlineData("VirtualMethod.Return")]
    [InlineData("VirtualMethod.Take")]
    [InlineData("VirtualMethod.TakeNullable")]
    [InlineData("VirtualMethod.TakeArray")]
    [InlineData("VirtualMethod.TakeReference")]
    [InlineData("VirtualMethod.TakeReadOnlyReference")]
    [InlineData("VirtualMethod.TakeTypeArgument")]
    [InlineData("VirtualMethod.TakeTuple")]
    [InlineData("Overriding.Take")]
    [InlineData("ExplicitImplementation.LinuxP2V.Cmdlets.Tests.Loading.ITakesALateValue.Take")]
    [InlineData("VirtualProperty.get_Value")]
    [InlineData("VirtualEvent.add_Changed")]
    [InlineData("ValueFields.enumField")]
    [InlineData("ValueFields.nullableField")]
    [InlineData("ValueFields.pairField")]
    [InlineData("ValueFields.staticField")]
    [InlineData("HoldsAStruct+Inner.lateField")]
    [InlineData("TakesAStruct+HoldsLate.lateField")]
    [InlineData("ImplementsLate")]
    [InlineData("InheritsOfLate")]
    [InlineData("InheritsThroughAnArgument")]
    [InlineData("Constrained`1")]
    [InlineData("PublicMembers.Property")]
    [InlineData("PublicMembers.Field")]
    [InlineData("PublicMembers..ctor")]
    [InlineData("Attributed")]
    [InlineData("AttributedWithAValue")]
    [InlineData("AttributedWithAType.Property")]
    [InlineData("AttributedWithOwn.Property")]
    [InlineData("LateAttributeBase")]
    [InlineData("Outer+Nested.Take")]
    public void StopsLoading(string member) => Assert.Contains(ReadFixture(), use => use.StopsLoading && use.Member == Fixture + member);

    [Theory]
    [InlineData("Named.Take")]
    [InlineData("Named.referenceField")]
    [InlineData("Named.listField")]
    [InlineData("Named.arrayField")]
    [InlineData("Named.Constant")]
    [InlineData("Named.Internal")]
    public void OnlyNames(string member)
    {
        var uses = ReadFixture().Where(use => use.Member == Fixture + member).ToList();
        Assert.NotEmpty(uses);
        Assert.DoesNotContain(uses, use => use.StopsLoading);
    }

    [Fact]
    public void FindsNothingWhereNothingIsReadEarly() =>
        Assert.DoesNotContain(ReadFixture(), use => use.Member.StartsWith(Fixture + nameof(Harmless), StringComparison.Ordinal));

    private static IReadOnlyList<LateTypeUse> Read(string framework) =>
        LateTypeCheck.Run(Path.Combine(Staged.ModuleFolder, "bin", framework, "LinuxP2V.Cmdlets.dll"), LateAssemblies(framework));

    /// <summary>Shows all of them; Assert.Empty shows the first few.</summary>
    private static void AssertNone(IEnumerable<LateTypeUse> uses)
    {
        var lines = uses.Select(use => $"{use.Member}: {use.LateType}").ToList();
        Assert.True(lines.Count == 0, $"{lines.Count} uses of late types: {string.Join("; ", lines)}");
    }

    private static HashSet<string> LateAssemblies(string framework) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Staged.ModuleFolder, "bin", framework, "deps"), "*.dll")
                .Select(f => Path.GetFileNameWithoutExtension(f)!),
        ];

    private static List<LateTypeUse> ReadFixture() =>
        [
            .. LateTypeCheck
                .Run(typeof(LateTypeTests).Assembly.Location, new HashSet<string> { "LinuxP2V.Engine", "LinuxP2V.Protocol", "xunit.core" })
                .Where(use => use.Member.StartsWith(Fixture, StringComparison.Ordinal)),
        ];
}
