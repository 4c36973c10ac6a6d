using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace LinuxP2V.Cmdlets;

/// <summary>
/// One of our own objects as JSON. The JSON library of the engine is out of reach here: this assembly loads beside
/// PowerShell's, which has a version of its own.
/// </summary>
internal static class JsonText
{
    public static string Of(object value)
    {
        var text = new StringBuilder();
        Append(text, value, 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, object? value, int depth)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case byte or int or long or float or double or decimal:
                text.Append(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset time:
                Quote(text, time.ToString("O", CultureInfo.InvariantCulture));
                break;
            case string or Enum or TimeSpan:
                Quote(text, Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
            case IEnumerable items:
                AppendAll(text, '[', ']', items.Cast<object?>(), depth, item => Append(text, item, depth + 1));
                break;
            default:
                AppendAll(text, '{', '}', PropertiesOf(value), depth, property =>
                {
                    Quote(text, property.Name);
                    text.Append(": ");
                    Append(text, property.GetValue(value), depth + 1);
                });
                break;
        }
    }

    /// <summary>Without those of no type: they hold objects of others, such as PowerCLI's.</summary>
    private static IEnumerable<PropertyInfo> PropertiesOf(object value) =>
        value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.PropertyType != typeof(object));

    private static void AppendAll<T>(StringBuilder text, char open, char close, IEnumerable<T> items, int depth, Action<T> append)
    {
        text.Append(open);
        var first = true;
        foreach (var item in items)
        {
            text.Append(first ? "" : ",").Append('\n').Append(' ', (depth + 1) * 2);
            first = false;
            append(item);
        }

        if (!first)
            text.Append('\n').Append(' ', depth * 2);
        text.Append(close);
    }

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (c < ' ')
                text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else
                text.Append(c);
        }

        text.Append('"');
    }
}
