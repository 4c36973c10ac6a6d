using System.Reflection;
using System.Text.RegularExpressions;
using NetArchTest.Rules;

namespace LinuxP2V.Agent.Tests.Architecture;

/// <summary>Holds the agent's code to <see cref="AgentRooms"/>.</summary>
public sealed class LayerTests
{
    private static readonly Assembly Agent = typeof(EntryPoint).Assembly;

    /// <summary>Those that the compiler adds have no namespace of ours.</summary>
    private static readonly Type[] AgentTypes =
    [
        .. Agent.GetTypes().Where(type => !type.IsNested && type.Namespace?.StartsWith(AgentRooms.Root, StringComparison.Ordinal) == true),
    ];

    public static TheoryData<Room> Rooms => [.. AgentRooms.All];

    [Fact]
    public void EveryNamespaceIsARoomAndEveryRoomIsInUse() =>
        Assert.Equal(
            AgentRooms.All.Select(room => room.Namespace).Order(StringComparer.Ordinal),
            AgentTypes.Select(type => type.Namespace!).Distinct().Order(StringComparer.Ordinal)
        );

    [Fact]
    public void RoomsReferToRoomsAboveThemSoThatThereIsNoCycle()
    {
        var above = new HashSet<string>(StringComparer.Ordinal);
        foreach (var room in AgentRooms.All)
        {
            Assert.All(
                room.MayReferTo,
                name => Assert.True(above.Contains(name), $"{room} may refer to {name}, which does not stand above it.")
            );
            Assert.True(above.Add(room.Name), $"{room} is listed twice.");
        }
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void ARoomRefersOnlyToThoseItMay(Room room)
    {
        ArgumentNullException.ThrowIfNull(room);
        var allowed = AgentRooms
            .All.Where(other => room.MayReferTo.Contains(other.Name))
            .Select(other => other.Namespace)
            .Append(room.Namespace)
            .ToHashSet();
        var forbidden = AgentTypes.Where(type => !allowed.Contains(type.Namespace!)).Select(type => type.FullName!).ToArray();
        Assert.NotEmpty(forbidden);

        var result = Types
            .InAssembly(Agent)
            .That()
            .ResideInNamespaceMatching($"^{Regex.Escape(room.Namespace)}$")
            .ShouldNot()
            .HaveDependencyOnAny(forbidden)
            .GetResult();

        Assert.NotEmpty(result.LoadedTypes);
        Assert.True(
            result.IsSuccessful,
            $"{room}: {string.Join("; ", result.FailingTypes.Select(type => $"{type.FullName}: {type.Explanation}"))}"
        );
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void ARoomReferencesNoMoreThanItUses(Room room)
    {
        ArgumentNullException.ThrowIfNull(room);
        foreach (var other in AgentRooms.All.Where(other => room.MayReferTo.Contains(other.Name)))
        {
            var types = AgentTypes.Where(type => type.Namespace == other.Namespace).Select(type => type.FullName!).ToArray();
            var users = Types
                .InAssembly(Agent)
                .That()
                .ResideInNamespaceMatching($"^{Regex.Escape(room.Namespace)}$")
                .And()
                .HaveDependencyOnAny(types)
                .GetTypes();
            Assert.True(users.Any(), $"{room} may refer to {other}, and does not: take it off the list.");
        }
    }
}
