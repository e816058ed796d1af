from odoo.addons.sales_pipeline.tools.script import squeeze


def test_only_what_says_nothing_to_a_browser_goes():
    source = """/*
 * Why.
 */
(function () {
    const a = "// stays"; // stays too
    /** How. */
    // goes

    b(a, "/* stays */");
})();
"""
    assert squeeze(source) == '(function () {\nconst a = "// stays"; // stays too\nb(a, "/* stays */");\n})();\n'
